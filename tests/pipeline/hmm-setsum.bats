load helper

@test "hmm-setsum: one latent a subject, whatever it has" {
	tiny_sets
	diff <(hmm-show sets.hmm | awk -F'\t' '/^sub-/ { print $1, $3, $9 }') \
		<(tail -n +2 manifest.tsv | cut -f1,2 | sort |
			awk '{ m[$1] = m[$1] (m[$1] ? "+" : "") $2; n[$1]++ } END { for (s in m) print s, m[s], n[s] }' | sort)
}

@test "hmm-setsum: mean, sum and max" {
	tiny_sets
	for reduce in mean sum max; do
		hmm-setsum --reduce $reduce <latents.hmm | hmm-show >$reduce.txt
	done
	# a mean is the sum over the count
	paste <(grep '^sub-' mean.txt) <(grep '^sub-' sum.txt) |
		awk -F'\t' '{ d = $12 * $9 - $27; if (d * d > 1e-10) exit 1 }'
	# of one element all are the same
	for reduce in sum max; do
		diff <(awk -F'\t' '/^sub-/ && $9 == 1' mean.txt) <(awk -F'\t' '/^sub-/ && $9 == 1' $reduce.txt)
	done
}

@test "hmm-setsum: the order of arrival does not change a bit" {
	tiny_sets
	mkdir npy
	hmm-show --npy npy latents.hmm | grep -v '^#' >table.tsv
	(head -n 1 table.tsv; tail -n +2 table.tsv | sort -k1,1 -k3,3r) >backward.tsv
	! cmp -s table.tsv backward.tsv
	mkdir a b
	hmm-show --from-npy latents backward.tsv | hmm-setsum | hmm-show --npy a >/dev/null
	hmm-show --npy b sets.hmm >/dev/null
	diff -r a b
}

@test "hmm-setsum: subsets of a complete subject" {
	tiny_sets
	hmm-setsum --subsets all <latents.hmm | hmm-show >all.txt
	complete=$(awk -F'\t' '/^sub-/ && $3 ~ /\+/ { print $1; exit }' all.txt)
	[ "$(awk -F'\t' -v s="$complete" '$1 == s { print $3, $4 }' all.txt | paste -sd';')" = \
		"T1w+trc-18FFDG_pet n/a;T1w T1w+trc-18FFDG_pet;trc-18FFDG_pet T1w+trc-18FFDG_pet" ]
}

@test "hmm-setsum: refuses a subject that comes back, one without a name, conflicting labels" {
	tiny_sets
	mkdir npy
	hmm-show --npy npy latents.hmm | grep -v '^#' >table.tsv
	(cat table.tsv; sed -n 2p table.tsv) >back.tsv
	refuse 1 'was finished before' sh -c 'hmm-show --from-npy latents back.tsv | hmm-setsum'
	sed '2s/^[^\t]*/n\/a/' table.tsv >nameless.tsv
	refuse 1 'want a subject' sh -c 'hmm-show --from-npy latents nameless.tsv | hmm-setsum'
	complete=$(cut -f1 table.tsv | uniq -d | head -n 1)
	awk -F'\t' -v OFS='\t' -v s="$complete" '$1 == s && !n++ { $7 = 1 - $7 } { print }' table.tsv >conflict.tsv
	refuse 1 'conflicting labels' sh -c 'hmm-show --from-npy latents conflict.tsv | hmm-setsum'
	refuse 2 'want mean' hmm-setsum --reduce median
}

@test "hmm-setsum: no latents, no sets" {
	printf 'subject\tnpy\n' >none.tsv
	hmm-show --from-npy latents none.tsv | hmm-setsum | hmm-show --json | grep -q '"kind":"sets"'
}
