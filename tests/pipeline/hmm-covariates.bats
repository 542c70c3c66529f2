#!/usr/bin/env bats

load helper

golden() { echo "$root/tests/golden/covariates.$1.tsv"; }

# The logits in have are those of scikit-learn at the ridge that was said: agrees SPLIT.
agrees() {
	local lambda
	lambda=$(sed -n 's/.*: lambda \([0-9.e+]*\) of.*/\1/p' said)
	[ -n "$lambda" ]
	awk -F'\t' -v s="$1" -v l="$lambda" '$1 == s && $2 + 0 == l + 0 { print $3 "\t" $4 }' "$(golden expected)" >want
	[ "$(wc -l <want)" = 90 ]
	tail -n +2 have | cut -f 1,5 | paste - want | awk -F'\t' '
		{ d = $2 - $4; if ($1 != $3 || d * d > 1e-12) { print; bad = 1 } } END { exit bad }'
}

@test "hmm-covariates: numbers, categories and what is missing are scikit-learn's" {
	hmm-covariates --columns age,sex,site "$(golden manifest)" >have 2>said
	grep -q '^hmm-covariates: 60 subjects, [0-9]* of label 1: lambda ' said
	agrees train
	printf 'hmm-covariates: %s\n' 'age: a number, or missing' 'sex: 2 categories' 'site: 3 categories, or missing' |
		diff - <(head -n 3 said)
	[ "$(wc -l <said)" = 4 ]
	[ "$(sed -n 2p have | cut -f 1-3)" = "$(printf 's00\tg00\ttrain')" ]
	# neither the order of the lines nor the labels of others change it
	{ head -n 1 "$(golden manifest)"; tail -n +2 "$(golden manifest)" | tac; } |
		hmm-covariates -q --columns age,sex,site | cmp - have
	awk -F'\t' -v OFS='\t' '$5 == "test" { $3 = 1 - $3 } 1' "$(golden manifest)" |
		hmm-covariates -q --columns age,sex,site | cut -f 1,5 | cmp - <(cut -f 1,5 have)
}

@test "hmm-covariates: beside a system's logit, from cal, else from val with a warning" {
	with() { hmm-covariates --columns age,sex,site --predictions "$(golden predictions)" "$@"; }
	with "$(golden manifest)" >have 2>said
	grep -q '^hmm-covariates: 20 subjects, ' said
	agrees cal
	[ "$(cut -f 7 have | sort -u | tr '\n' ' ')" = 'a+b modalities ' ]
	sed 's/\tcal\t/\tval\t/' "$(golden manifest)" >val.tsv
	sed 's/\tcal\t/\tval\t/' "$(golden predictions)" >val-predictions.tsv
	hmm-covariates --columns age,sex,site --predictions val-predictions.tsv val.tsv >val 2>said
	grep -q "^hmm-covariates: warning: val.tsv: no subject of split 'cal': those of 'val' are learned from" said
	cut -f 5 val | cmp - <(cut -f 5 have)
	sed 's/\tcal\t/\ttest\t/' "$(golden manifest)" >none.tsv
	sed 's/\tcal\t/\ttest\t/' "$(golden predictions)" >none-predictions.tsv
	refuse 1 "no labelled subject of split 'cal' or 'val'" sh -c 'hmm-covariates -q --columns age --predictions none-predictions.tsv none.tsv 2>&1 | grep -v warning: >&2; exit 1'
	# what the system was taught or measured on must be what the manifest says
	refuse 1 "predictions.tsv: subject 's[0-9]*' is of split 'cal', want 'val' as in val.tsv" hmm-covariates -q --columns age --predictions "$(golden predictions)" val.tsv
	awk -F'\t' -v OFS='\t' '$2 == "test" && !n++ { $3 = 1 - $3 } 1' "$(golden predictions)" >label.tsv
	refuse 1 "label.tsv: subject 's[0-9]*' has label [01], want [01] as in " hmm-covariates -q --columns age --predictions label.tsv "$(golden manifest)"
	cut -f 1,3- "$(golden predictions)" >unsplit.tsv
	refuse 1 "unsplit.tsv: subject 's00' is of split 'n/a', want 'train'" hmm-covariates -q --columns age --predictions unsplit.tsv "$(golden manifest)"
	{ cat "$(golden predictions)"; sed -n 2p "$(golden predictions)"; } >twice
	refuse 1 "twice: subject 's00' stands there twice" hmm-covariates -q --columns age --predictions twice "$(golden manifest)"
	# who has no prediction is left out, and counted
	head -n 86 "$(golden predictions)" >some
	hmm-covariates -q --columns age --predictions some "$(golden manifest)" 2>said | wc -l | grep -qx 86
	grep -q 'some: 5 of 90 subjects have no prediction with a label' said
}

@test "hmm-covariates: what cannot be: a site that was not learned counts nothing, lines that differ, one label" {
	sed 's/\tDU$/\tXX/' "$(golden manifest)" | awk -F'\t' '$5 != "train" || $8 != "XX"' >unknown.tsv
	hmm-covariates -q --columns site unknown.tsv >have 2>said
	grep -q "site 'XX' was not learned, and counts nothing (and [0-9]* more of this kind)" said
	sed '2s/CS\|DU\|HT/QQ/' "$(golden manifest)" >differ.tsv
	refuse 1 "subject 's00' has site '.*' in row 1 and '.*' in row 2" hmm-covariates -q --columns site differ.tsv
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = 1 } 1' "$(golden manifest)" >ones.tsv
	refuse 1 'no regression of 60 subjects, 60 of label 1: want some of both' hmm-covariates -q --columns site ones.tsv
	awk -F'\t' -v OFS='\t' 'NR > 1 { $8 = "n/a" } 1' "$(golden manifest)" >empty.tsv
	refuse 1 "nobody who is learned from has a value of 'site'" hmm-covariates -q --columns site empty.tsv
	refuse 1 "no column 'scanner'" hmm-covariates -q --columns scanner "$(golden manifest)"
	refuse 1 "no column 'split'" sh -c 'cut -f 1-4 "$1" | hmm-covariates -q --columns age' - "$(golden manifest)"
	for options in "" "--columns a b c" "--columns a --folds 1"; do
		refuse 2 . hmm-covariates $options
	done
}

# The golden manifest with a column `x` more, an awk expression of its fields: with_x EXPRESSION.
with_x() { awk -F'\t' -v OFS='\t' "NR == 1 { print \$0, \"x\"; next } { print \$0, $1 }" "$(golden manifest)"; }

@test "hmm-covariates: the label is let in by no column, and one that tells it is a warning" {
	for column in label subject group split; do
		refuse 2 "columns: found '$column', want what is known of a subject before its label" hmm-covariates --columns "age,$column" "$(golden manifest)"
	done
	tells() { grep -q "warning: -*.*: x tells the labels of all 60 subjects that are learned from apart: is the label made of it" said; }
	for x in '($3 ? "AD" : "CN")' '(!$3 ? "CN" : substr($1, 3) % 2 ? "AD" : "MCI")' '1000 * $3 + substr($1, 2)' '-1000 * $3 + substr($1, 2)' '($3 ? "n/a" : "CN")' '($3 ? 1 : substr($1, 3) % 2 ? 2 : 0)'; do
		echo "$x"
		with_x "$x" | hmm-covariates -q --columns x >have 2>said
		tells
	done
	for x in '($1 < "s02" ? "a" : "b")' '$6' '"one"'; do
		with_x "$x" | hmm-covariates -q --columns x >have 2>said
		! tells || false
	done
}

@test "hmm-covariates: numbers but for a slip are no categories, nor are names" {
	for row in 2 60 179; do # of who is learned from, and of others
		awk -F'\t' -v OFS='\t' -v row="$row" 'NR == row { s = $1 } { rows[NR] = $0; of[NR] = $1 } END {
			for (i = 1; i <= NR; i++) { split(rows[i], c, FS); if (of[i] == s) c[6] = "6o"
				print c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8] } }' "$(golden manifest)" >slip.tsv
		refuse 1 "slip.tsv: row [0-9]*: age '6o', want a number as in [0-9]* of [0-9]* subjects, or n/a" hmm-covariates -q --columns age slip.tsv
	done
	sed '2,3s/\t45\t/\t1e300\t/' "$(golden manifest)" >huge.tsv
	refuse 1 "huge.tsv: row 1: age '1e300', want a number" hmm-covariates -q --columns age huge.tsv
	with_x '"id-" $1' >names.tsv
	refuse 1 'x has [0-9]* values in 60 subjects, want numbers or categories that many share' hmm-covariates -q --columns x names.tsv
}
