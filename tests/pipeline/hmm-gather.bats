load helper

@test "hmm-gather: blocks in the order of subjects, stamped from the manifest" {
	tiny_features
	[ "$(hmm-show features.hmm | grep -c '^sub-')" = "$(($(wc -l <features.tsv) - 1))" ]
	diff <(hmm-show features.hmm | awk -F'\t' -v OFS='\t' '/^sub-/ { print $1, $3, $7, $5, $6 }') \
		<(tail -n +2 features.tsv | awk -F'\t' -v OFS='\t' '{ print $1, $2, $3, $5, $6 }' | sort)
}

@test "hmm-gather: the order of the manifest does not matter" {
	tiny_features
	(head -n 1 features.tsv; tail -n +2 features.tsv | sort -r -k2) >shuffled.tsv
	hmm-gather -c cache shuffled.tsv | cmp - features.hmm
	hmm-gather -c cache <features.tsv | cmp - features.hmm
}

@test "hmm-gather: refuses conflicting labels, missing entries, manifests without features" {
	tiny_features
	refuse 1 "no column 'features'" hmm-gather -c cache manifest.tsv
	refuse 1 'cannot open' hmm-gather -c nowhere features.tsv
	refuse 1 'absent.tsv' hmm-gather -c cache absent.tsv
	refuse 2 'want -c' hmm-gather features.tsv
	both=$(cut -f1 features.tsv | sort | uniq -d | head -n 1)
	awk -F'\t' -v OFS='\t' -v s="$both" '$1 == s && !done++ { $3 = 1 - $3 } { print }' features.tsv >conflict.tsv
	refuse 1 "$both has conflicting labels" hmm-gather -c cache conflict.tsv
	awk -F'\t' -v OFS='\t' 'NR == 2 { $NF = "xyz" } { print }' features.tsv >key.tsv
	refuse 1 "row 1 .*features 'xyz'" hmm-gather -c cache key.tsv
	awk 'NR == 2 { print } { print }' features.tsv >twice.tsv
	refuse 1 "path '.*' stands in rows 1 and 2" hmm-gather -c cache twice.tsv
	awk -F'\t' -v OFS='\t' 'NR == 2 { $1 = "n/a" } { print }' features.tsv >nobody.tsv
	refuse 1 'row 1: no subject' hmm-gather -c cache nobody.tsv
	entry=$(find cache -name '*.hmm' | sort | head -n 1)
	head -c 100 "$entry" >cut && mv cut "$entry"
	refuse 1 "$entry" hmm-gather -c cache features.tsv
}

@test "hmm-gather: --show-history is the entry that it writes" {
	tiny_features
	entry=$(hmm-gather --show-history <&-)
	hmm-show --json features.hmm | head -n 1 | grep -qF ",$entry]}"
	[ "$(hmm-gather -c cache --show-history absent.tsv)" = "$entry" ]
}
