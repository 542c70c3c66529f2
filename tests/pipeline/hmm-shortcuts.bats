#!/usr/bin/env bats

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	golden="$BATS_TEST_DIRNAME/../golden"
	cd "$BATS_TEST_TMPDIR"
}

header='subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved'

table() {
	printf '%b\n' "$@"
}

of() { # CHECK MODALITY COLUMN, of the table on standard input
	awk -F '\t' -v check="$1" -v modality="$2" -v column="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 && $1 == check && $2 == modality { print $at[column] }'
}

@test "known answers: every check of a small table, patients of one subject and of two" {
	without=golden.alone
	awk -F '\t' -v OFS='\t' 'NR > 1 { $2 = "n/a" } { print }' "$golden/shortcuts.predictions.tsv" >$without
	{
		hmm-shortcuts --rate 0.4 --gamma 1.5 --bootstrap 2 $without | cut -f 1-3,6,7,14 | grep -v ^presence_model
		hmm-shortcuts --rate 0.4 --gamma 1.5 --bootstrap 2 "$golden/shortcuts.predictions.tsv" | tail -n +2 |
			cut -f 1-3,6,7,14 | grep -v ^presence
	} >have
	[ "$(wc -l <have)" -eq "$(wc -l <"$golden/shortcuts.expected.tsv")" ]
	paste have "$golden/shortcuts.expected.tsv" | awk -F '\t' '
		function differ(a, b) { return (a == "n/a") != (b == "n/a") || a - b > 1e-11 || b - a > 1e-11 }
		$1 != $7 || $2 != $8 { exit 1 }
		NR > 1 && (differ($3, $9) || differ($4, $10) || differ($5, $11) || ($6 != $12 && differ($6, $12))) { exit 1 }'
}

@test "the same bytes, whatever the order of the rows; another seed, other intervals and the same values" {
	predictions=$golden/shortcuts.predictions.tsv
	hmm-shortcuts -s 3 --bootstrap 200 "$predictions" >one
	{ head -n 1 "$predictions"; tail -n +2 "$predictions" | shuf --random-source="$predictions"; } |
		hmm-shortcuts -s 3 --bootstrap 200 | cmp - one
	hmm-shortcuts -s 4 --bootstrap 200 "$predictions" | cut -f 1-5 | cmp -s - <(cut -f 1-5 one) && false
	diff <(hmm-shortcuts -s 4 --bootstrap 200 "$predictions" | cut -f 1-3 | grep -v ^presence) <(cut -f 1-3 one | grep -v ^presence)
	# one row of a patient, of two, where presence alone is asked
	[ "$(of presence_table n/a n <one)" -eq 13 ]
	[ "$(of permuted_presence n/a n <one)" -eq 26 ]
	# which of the two is drawn
	for seed in 1 2 3 4; do
		hmm-shortcuts -s $seed --bootstrap 2 "$predictions" | of presence_table n/a value
	done | sort -u >values
	[ "$(wc -l <values)" -ge 2 ]
	# so few replicates say nothing of the ends
	hmm-shortcuts --bootstrap 10 "$predictions" 2>/dev/null | awk -F '\t' 'NR > 1 && ($4 != "n/a" || $9 != "n/a") { exit 1 }'
	awk -F '\t' 'NR > 1 && $3 != "n/a" && ($4 > $3 || $5 < $3 || $8 > $7 || $9 < $7) && $1 !~ /^same/ { print; bad = 1 } END { exit bad }' one
}

# 2 N patients of three modalities, half of label 1, who show it by S standard deviations; PET goes by
# label in train and test, and a logit is a mean and, where there is a PET, L more.
planted() { # N GAMMA LOOKS
	awk -v n="$1" -v gamma="$2" -v looks="$3" '
	function u() { state = state * 16807 % 2147483647; return state / 2147483647 }
	function noise(  k, s) { s = -6; for (k = 0; k < 12; k++) s += u(); return s }
	function logit(set,  m, s, c) { for (m = 1; m <= 3; m++) if (int(set / 2 ^ (m - 1)) % 2) { s += x[m]; c++ } return 2 * s / c + (int(set / 2) % 2 ? looks : 0) }
	function text(set,  m, t) { for (m = 1; m <= 3; m++) if (int(set / 2 ^ (m - 1)) % 2) t = t (t == "" ? "" : "+") name[m]; return t }
	function within(a, b,  m) { for (m = 0; m < 3; m++) if (int(a / 2 ^ m) % 2 > int(b / 2 ^ m) % 2) return 0; return 1 }
	function put(set, own,  z) { z = logit(set); printf "%s%04d\tn/a\t%s\t%d\t%.6f\t%.9f\t%s\tn/a\t%s\n", split_, i, split_, y, z, 1 / (1 + exp(-z)), text(set), set == own ? "n/a" : text(own) }
	BEGIN {
		state = 5; name[1] = "CT"; name[2] = "PET"; name[3] = "T1w"
		print "subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved"
		for (part = 0; part < 2; part++) for (i = 0; i < 2 * n; i++) {
			split_ = part ? "test" : "train"; y = i % 2; own = 0
			for (m = 1; m <= 3; m++) { x[m] = noise() + y - .5; if (u() > (m == 2 ? 1 / (1 + exp(.6 - gamma * (y - .5))) : .3)) own += 2 ^ (m - 1) }
			if (!own) own = 1
			put(own, own)
			if (part) for (set = 1; set < own; set++) if (within(set, own)) put(set, own)
		}
	}'
}

@test "a shortcut that is planted is found; a clean table passes, and so does who does not look" {
	planted 60 5 -2 >plant
	hmm-shortcuts -s 1 plant >have
	for check in presence_table presence_logistic permuted_presence; do
		[ "$(of $check n/a verdict <have)" = shortcut ]
	done
	planted 60 0 0 >clean
	hmm-shortcuts -s 1 clean >have
	[ "$(tail -n +2 have | grep -c 'shortcut$')" -eq 0 ]
	[ "$(of permuted_presence n/a verdict <have)" = ok ]
	planted 60 5 0 >blind
	hmm-shortcuts -s 1 blind >have
	[ "$(grep 'shortcut$' have | cut -f 1 | sort | tr '\n' ' ')" = 'presence_logistic presence_table ' ]
}

@test "the model itself where nothing is shown, from another table" {
	planted 60 5 -2 >plant
	awk -F '\t' -v OFS='\t' 'NR > 1 && $9 != "n/a" { next } NR > 1 { $5 = $7 ~ /PET/ ? -2 : 0 } { print }' plant >nothing
	hmm-shortcuts -s 1 --presence nothing plant >have
	[ "$(of presence_model n/a verdict <have)" = shortcut ]
	awk -F '\t' 'NR > 1 && $3 == "test" { n[$4, $5]++ } END {
		all = (n[0, 0] + n[0, -2]) * (n[1, 0] + n[1, -2])
		printf "%.9f\n", (n[1, 0] * n[0, -2] + (n[1, 0] * n[0, 0] + n[1, -2] * n[0, -2]) / 2) / all }' nothing >want
	of presence_model n/a value <have | awk '{ printf "%.9f\n", $1 }' | cmp - want
	grep -v test0007 nothing >less
	run hmm-shortcuts --presence less plant
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-shortcuts: less: no row of subject 'test0007' of split test" ]
}

@test "a model that looks at presence which tells nothing is found by what is dropped on purpose" {
	planted 100 0 -2 >looks
	hmm-shortcuts -s 1 looks >have
	[ "$(of mnar_label_1 PET verdict <have)" = prone ]
	[ "$(tail -n +2 have | grep -c 'shortcut$')" -eq 0 ]
	[ "$(of mnar_label_0 PET verdict <have)" = ok ]
	[ "$(of mnar_label_1 CT verdict <have)" = ok ]
	of mnar_label_0 PET p <have | awk '{ exit $1 < .9 }' # a fall is no rise
	[ "$(of permuted_presence n/a verdict <have)" = ok ]
	# what a rise may be is the margin's to say
	hmm-shortcuts -s 1 --margin 0.5 looks >have
	[ "$(of mnar_label_1 PET verdict <have)" = ok ]
	[ "$(of presence_table n/a verdict <have)" = ok ]
}

@test "as many replicates as so many tests want, or a word that nothing could be found" {
	planted 20 0 0 >clean
	hmm-shortcuts clean 2>errors >/dev/null
	[ ! -s errors ]
	hmm-shortcuts --bootstrap 100 clean 2>errors >have
	grep -q '^hmm-shortcuts: warning: clean: so few replicates and patients that p_holm cannot be less than 0\.[0-9]*, and nothing is called a shortcut: ' errors
	awk -F '\t' 'NR > 1 && $11 != "n/a" && $11 < .05 { exit 1 }' have
	run hmm-shortcuts --rate 0 clean
	[ "$status" = 2 ]
	[[ "$output" = *'--rate: found 0, want more than 0'* ]]
}

@test "presence is not learned from those whom it is checked on" {
	planted 20 0 0 >clean
	for options in '--split train' '--from test' '--split val --from val'; do
		run hmm-shortcuts $options clean
		[ "$status" -eq 1 ]
		[ "${#lines[@]}" -eq 1 ]
		[[ "$output" = *"hmm-shortcuts: clean: split '"*"' is to be checked and presence learned from it too, want two splits"* ]]
	done
	# of patients in both splits those of train do not count
	awk -F '\t' -v OFS='\t' 'NR > 1 { $2 = $3 == "train" && $1 ~ /[05]$/ ? "test" substr($1, 6) : $1 } { print }' clean >both
	hmm-shortcuts both 2>errors >have
	grep -q 'warning: both: split train: 8 patients are checked too: presence is learned from the others$' errors
	awk -F '\t' -v OFS='\t' '!($3 == "train" && $1 ~ /[05]$/) { if (NR > 1) $2 = $1; print }' clean >less
	hmm-shortcuts less 2>errors | cmp - have
	[ ! -s errors ]
}

@test "what cannot be computed is n/a: no subsets, no training split, one label" {
	planted 20 0 0 >clean
	awk -F '\t' '$9 == "n/a" || NR == 1' clean >whole
	hmm-shortcuts --bootstrap 50 whole >have 2>errors
	grep -q 'warning: whole: split test: no rows of subsets (hmm-setsum --subsets all); what cuts modalities is n/a$' errors
	[ "$(of permuted_presence n/a verdict <have)$(of mnar_label_0 PET p <have)" = n/an/a ]
	[ "$(of presence_table n/a value <have)" != n/a ]
	[ "$(of same_pattern n/a value <have)" != n/a ]
	grep -v '^train' clean >test
	hmm-shortcuts --bootstrap 50 test >have 2>errors
	grep -q "warning: test: no row of split 'train': nothing to learn presence from$" errors
	[ "$(of presence_table n/a value <have)$(of presence_logistic n/a verdict <have)" = n/an/a ]
	[ "$(of permuted_presence n/a verdict <have)" != n/a ]
	awk -F '\t' 'NR == 1 || $4 == 1' clean >one
	hmm-shortcuts --bootstrap 50 one >have 2>errors
	grep -q 'warning: one: split test: all 20 labels are 1; every check is n/a$' errors
	[ "$(tail -n +2 have | cut -f 15 | sort -u)" = n/a ]
}

@test "everybody has everything: nothing to tell, and nothing is said" {
	planted 20 0 0 | awk -F '\t' -v OFS='\t' 'NR == 1 || $3 == "train"' >all
	awk 'BEGIN { for (i = 0; i < 30; i++) for (k = 0; k < 3; k++) {
		z = (i * 7 + k * 3) % 11 - 5 + i % 2
		printf "t%02d\tn/a\ttest\t%d\t%d\t0.5\t%s\tn/a\t%s\n", i, i % 2, z, k == 0 ? "CT+PET" : k == 1 ? "CT" : "PET", k ? "CT+PET" : "n/a" } }' >>all
	hmm-shortcuts --bootstrap 200 all >have
	[ "$(of presence_table n/a value <have) $(of presence_table n/a p <have) $(of presence_table n/a verdict <have)" = '0.5 1 ok' ]
	[ "$(of permuted_presence n/a excess <have)$(of same_pattern n/a excess <have)$(of ipw_gain CT excess <have)" = 000 ]
	[ "$(of ipw_gain CT n_effective <have)" -eq 30 ]
	[ "$(of ipw_gain T1w value <have)" = n/a ]
	[ "$(of ipw_gain T1w n <have)" -eq 0 ]
}

@test "bad input" {
	refuse() { # MESSAGE
		run hmm-shortcuts -q --bootstrap 2 bad
		[ "$status" -eq 1 ]
		[ "${lines[-1]}" = "hmm-shortcuts: $1" ]
		[[ "${#lines[@]}" -eq 1 || "${lines[0]}" = *"no row of split 'train'"* ]]
	}
	row='a\tn/a\ttest\t1\t1\t0.7\tCT+PET\tn/a\tn/a'
	table "$header" "$row" 'a\tn/a\ttest\t1\t1\t0.7\tCT\tn/a\tCT+PET' >bad
	refuse "bad: subject 'a' of split test has rows of 2 of its 3 sets of modalities, want all (hmm-setsum --subsets all)"
	table "$header" "$row" "$row" >bad
	run hmm-shortcuts --bootstrap 2 bad
	[ "$status" -eq 1 ]
	[[ "$output" = *"bad: row "[12]": subject 'a' of split test stands there twice" ]]
	for rows in 'CT\tn/a\tCT+PET|CT\tn/a\tCT+PET|twice' 'CT\tn/a\tCT+PET|XX\tn/a\tCT+PET|what it does not have'; do
		IFS='|' read -r one two message <<<"$rows"
		table "$header" "$row" "a\tn/a\ttest\t1\t1\t0.7\t$one" "a\tn/a\ttest\t1\t1\t0.7\t$two" >bad
		run hmm-shortcuts --bootstrap 2 bad
		[ "$status" -eq 1 ]
		[[ "$output" = *"$message"* ]]
	done
	table "$header" 'a\tn/a\ttest\t1\t1\t0.7\tCT\tn/a\tCT+PET' >bad
	run hmm-shortcuts --bootstrap 2 bad
	[[ "$output" = *"subject 'a' of split test has a subset"* ]]
	table "$header" 'a\tn/a\ttest\t1\t1\t0.7\tCT\tCT\tn/a' >bad
	run hmm-shortcuts --bootstrap 2 bad
	[[ "$output" = *"row 1: subject 'a' of split test has imputed modalities, want those observed alone" ]]
	table "$header" 'a\tn/a\ttest\t1\tn/a\t1\tCT\tn/a\tn/a' >bad
	run hmm-shortcuts --bootstrap 2 bad
	[[ "$output" = *"has no finite logit, want the column that hmm-rho writes" ]]
	table "$header" 'a\tn/a\ttest\t1\t1\t1\tn/a\tn/a\tn/a' >bad
	run hmm-shortcuts --bootstrap 2 bad
	[[ "$output" = *"has no modalities, want what hmm-rho writes there" ]]
	many=$(seq -s + 1 17)
	table "$header" "a\tn/a\ttest\t1\t1\t1\t$many\tn/a\tn/a" >bad
	run hmm-shortcuts --bootstrap 2 bad
	[[ "$output" = *"brings a 17th modality, want at most 16" ]]
	run hmm-shortcuts --split nowhere "$golden/shortcuts.predictions.tsv"
	[ "$status" -eq 1 ]
	[[ "$output" = *"no row of split 'nowhere', found 'train', 'test'" ]]
}

@test "of several runs one" {
	awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "run" : 1 } NR > 1 { $1 = $1 "x"; print $0, 2 }' "$golden/shortcuts.predictions.tsv" >runs
	run hmm-shortcuts --bootstrap 2 runs
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-shortcuts: runs: split test has runs '1' and '2', want --run with one of them: their models differ" ]
	hmm-shortcuts --bootstrap 20 --run 1 runs >have
	hmm-shortcuts --bootstrap 20 "$golden/shortcuts.predictions.tsv" | cmp - have
	run hmm-shortcuts --run 3 runs
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-shortcuts: runs: no row of split 'test' and run '3'" ]
}

@test "usage, empty input and a full device" {
	for options in 'a b' '--rate 2' '--margin 2' '--bootstrap 0' '--gamma -1'; do
		run hmm-shortcuts $options
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	: >empty
	run hmm-shortcuts empty
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-shortcuts: empty: empty, want a header line" ]
	run bash -c "hmm-shortcuts --bootstrap 2 $golden/shortcuts.predictions.tsv >/dev/full"
	[ "$status" -eq 1 ]
	[[ "$output" = *"standard output: cannot write"* ]]
}

@test "the whole method on drawn heads: PETs that are missing by label are found, and those at random are not" {
	export HMM_BIN="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}"
	PATH="$BATS_TEST_DIRNAME/../../pipelines:$PATH"
	hmm-phantom -q --subjects 100 --size 16 --slices 3 --missing 0 -s 1 -o bids
	hmm-manifest -q --bids bids --label diagnosis --positive AD | hmm-split -q --ratio 3:1:4 -s 1 >all.tsv
	hmm-weights -q --random vgg11 --width 0.05 -s 1 -o vgg.safetensors
	extract -w vgg.safetensors -c cache -j 2 all.tsv >features.tsv
	hmm-drop -q --modality '*pet' --rate 0.4 -s 1 features.tsv >clean.tsv
	hmm-drop -q --modality '*pet' --rate 0.4 --by label --gamma 5 -s 1 features.tsv >plant.tsv
	for kind in clean plant; do
		hmm-check -q $kind.tsv >$kind.check || true
		hmm-gather -q -c cache $kind.tsv >features.hmm
		hmm-condition -q --train --batch 16 --epochs 4 --learning-rate 1e-3 -s 1 -o phi.safetensors <features.hmm
		hmm-condition -q -w phi.safetensors <features.hmm >latents.hmm
		hmm-setsum -q <latents.hmm |
			hmm-rho -q --train --batch 16 --epochs 20 --hidden 16 --learning-rate 1e-3 -s 1 -o rho.safetensors
		hmm-setsum -q --subsets all <latents.hmm | hmm-rho -w rho.safetensors | hmm-shortcuts -s 1 >$kind.table
	done
	# what stands in the manifest is what hmm-check sees too
	grep -q '^presence' plant.check
	for check in presence_table presence_logistic permuted_presence; do
		[ "$(of $check n/a verdict <plant.table)" = shortcut ]
	done
	! grep -q '^presence' clean.check || return 1
	[ "$(tail -n +2 clean.table | grep -c 'shortcut$')" -eq 0 ]
}

@test "what the page shows runs word for word, the model without anything to see too" {
	PATH="$BATS_TEST_DIRNAME/../../pipelines:$PATH"
	awk '/^\.Bd -literal/ { within = 1; next } /^\.Ed/ { within = 0 } within' "$BATS_TEST_DIRNAME/../../bin/hmm-shortcuts.1" >commands
	grep -q 'presence blank.tsv' commands
	bash -e -o pipefail commands >table
	[ "$(of presence_table n/a verdict <table)" = shortcut ]
	[[ "$(of presence_model n/a verdict <table)" =~ ^(shortcut|ok|too few)$ ]]
	# of two modalities and their latents there are three patterns: as many logits
	[ "$(tail -n +2 blank.tsv | cut -f 5 | sort -u | wc -l)" = "$(tail -n +2 blank.tsv | cut -f 7 | sort -u | wc -l)" ]
}
