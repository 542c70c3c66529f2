#!/usr/bin/env bats

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	golden="$BATS_TEST_DIRNAME/../golden"
	cd "$BATS_TEST_TMPDIR"
}

table() {
	printf '%b\n' "$@"
}

# Split, metric, value and n agree to 1e-11 with a table of the same lines.
agrees() {
	cut -f 1-3,6 "$1" | paste - "$2" | awk -F '\t' '
		$1 != $5 || $2 != $6 || $4 != $8 || ($3 == "n/a") != ($7 == "n/a") { exit 1 }
		NR > 1 && ($3 - $7 > 1e-11 || $7 - $3 > 1e-11) { exit 1 }'
}

# N subjects of G groups in R runs, with noise of that width: predictions.
runs() {
	awk -v n="$1" -v groups="$2" -v runs="$3" -v width="$4" -v seed="$5" 'BEGIN {
		srand(seed); OFS = "\t"
		print "subject", "group", "split", "label", "probability", "run"
		for (r = 0; r < runs; r++) for (i = 0; i < n; i++) {
			p = 0.5 + 0.3 * (i % 2 - 0.5) + width * (rand() - 0.5)
			print "s" i, "g" (i % groups), "test", i % 2, (p < 0 ? 0 : p > 1 ? 1 : p), "r" r
		}
	}'
}

@test "a known answer" {
	table 'subject\tlabel\tprobability' 'a\t0\t0.25' 'b\t1\t0.75' 'c\t1\t0.25' 'd\t0\t0.5' >predictions
	hmm-score --bootstrap 0 --metrics acc,auc,auc_hard,f1,precision,recall,brier,tp predictions >have
	# Wilson's by statsmodels; the area's variance is .28125 / 4 + .03125 / 4 by hand
	table 'split\tmetric\tvalue\tlow\thigh\tn\tinterval\tover' \
		'n/a\tacc\t0.75\t0.300641842582\t0.95441273919\t4\twilson\trows' \
		'n/a\tauc\t0.625\t0.0576086512088\t0.978466972828\t4\tdelong\trows' \
		'n/a\tauc_hard\t0.75\t0.363713607443\t0.952734397133\t4\twilson\trows' 'n/a\tf1\t0.666666666667\tn/a\tn/a\t4\tn/a\trows' \
		'n/a\tprecision\t1\t0.206549314377\t1\t4\twilson\trows' \
		'n/a\trecall\t0.5\t0.0945312057342\t0.905468794266\t4\twilson\trows' \
		'n/a\tbrier\t0.234375\tn/a\tn/a\t4\tn/a\trows' 'n/a\ttp\t1\tn/a\tn/a\t4\tn/a\trows' >want
	cmp have want
	# of four patients .95 is more than 2000 replicates can tell
	hmm-score predictions 2>/dev/null | grep -c bootstrap && false
	hmm-score --bootstrap 20000 predictions >have 2>/dev/null
	[ "$(grep -c bootstrap have)" = 8 ]
	[ "$(cut -f 2 have | tail -n 23 | tr '\n' ' ')" = "acc auc auc_hard f1 precision recall brier specificity npv\
 balanced_accuracy mcc average_precision auc_within log_loss scaled_brier ece rmsce_debiased citl slope tn fp fn tp " ]
}

@test "rows of subsets are left out, and counted" {
	table 'subject\tlabel\tprobability\tmodalities\tobserved' 'a\t0\t0.25\tMRI+PET\tn/a' 'a\t0\t0.9\tMRI\tMRI+PET' \
		'b\t1\t0.75\tPET\tn/a' 'c\tn/a\t0.5\tPET\tMRI+PET' >predictions
	sed '/MRI+PET$/d' predictions | hmm-score --bootstrap 0 >want
	hmm-score --bootstrap 0 predictions >have 2>said
	cmp have want
	[ "$(cat said)" = 'hmm-score: warning: predictions: 1 row without a label is left out
hmm-score: warning: predictions: 1 row of a subset is left out
hmm-score: warning: predictions: split n/a: slope is n/a: the logits tell the labels apart, are all the same, or too large' ]
	hmm-score --bootstrap 0 --runs 2 predictions predictions >have 2>said
	[ "$(grep -c '1 row of a subset is left out' said)" = 2 ]
	run hmm-score <(sed '/n\/a$/d' predictions)
	[ "$status" = 1 ]
	[[ "$output" == *'no row with a label of a whole set'* ]]
	run hmm-score <(table 'subject\tlabel\tprobability\tlogit' 'a\t0\t0.25\tinf')
	[ "$status" = 1 ]
	[[ "$output" == *"row 1: logit 'inf', want a finite number"* ]]
}

@test "an expected file: the metrics of scikit-learn, statsmodels and enumeration" {
	net='--net-benefit 0.1,0.35'
	hmm-score --bootstrap 0 $net "$golden/score.predictions.tsv" >have 2>errors
	agrees have "$golden/score.expected.tsv"
	hmm-score --bootstrap 0 $net --threshold 0.3 "$golden/score.predictions.tsv" >have 2>/dev/null
	agrees have "$golden/score.threshold.tsv"
	grep -q '1 row without a label is left out' errors
	grep -q 'split a one: all 6 labels are 1; auc and what else needs both is n/a' errors
	grep -q 'split a one: no negative label; specificity is 0' errors
	grep -q 'split test: nothing predicted negative; npv is 0' errors
	grep -q 'split b zero: nothing predicted positive; precision is 0, and f1$' errors
	grep -q 'split b zero: no positive label; recall is 0' errors
	grep -q 'split c none called: nothing predicted positive; precision is 0$' errors
	grep -q 'split d saturated: 5 probabilities are exactly 0 or 1 for both labels' errors
	hmm-score --metrics auc "$golden/score.predictions.tsv" 2>&1 >/dev/null | grep -e precision -e recall -e npv && false
	hmm-score --bootstrap 0 --metrics tp,acc --split val "$golden/score.predictions.tsv" 2>/dev/null | cut -f 2,3 >have
	table 'metric\tvalue' 'tp\t27' 'acc\t0.716666666667' | cmp - have
}

@test "prevalence: what depends on it is weighted, and probabilities are shifted" {
	hmm-score --bootstrap 0 --net-benefit 0.1,0.35 --prevalence 0.1 "$golden/score.predictions.tsv" >have 2>errors
	agrees have "$golden/score.prevalence.tsv"
	grep -q 'split val: a prevalence of 0.1, of the rows it is 0.6: what depends on it is weighted' errors
	for metric in auc auc_hard recall specificity balanced_accuracy auc_within tn fp fn tp; do
		hmm-score -q --metrics $metric --split train "$golden/score.predictions.tsv" >want 2>/dev/null
		hmm-score -q --metrics $metric --split train --prevalence 0.01 "$golden/score.predictions.tsv" 2>/dev/null | cmp - want
	done
	# the intervals of what is weighted are no longer Wilson's
	hmm-score -q --split val --prevalence 0.1 "$golden/score.predictions.tsv" 2>/dev/null | grep wilson | cut -f 2 >have
	table auc_hard recall specificity balanced_accuracy | cmp - have
	# the rows' own prevalence changes nothing
	hmm-score -q --metrics brier,ece,mcc --split val "$golden/score.predictions.tsv" 2>/dev/null | cut -f 3 >want
	hmm-score -q --metrics brier,ece,mcc --split val --prevalence 0.6 "$golden/score.predictions.tsv" 2>/dev/null | cut -f 3 |
		paste - want | awk 'NR > 1 && ($1 - $2 > 1e-12 || $2 - $1 > 1e-12) { exit 1 }'
}

@test "the intervals of citl and slope: the inverse information, robust where groups repeat" {
	for prevalence in n/a 0.1; do
		option=
		[ $prevalence = n/a ] || option="--prevalence $prevalence"
		hmm-score -q --metrics citl,slope $option "$golden/score.predictions.tsv" 2>/dev/null |
			awk -F '\t' '$1 == "train" || $1 == "val"' | cut -f 1,2,4,5,7 >have
		awk -F '\t' -v p=$prevalence '$5 == p' "$golden/score.wald.tsv" | paste have - | awk -F '\t' '
			$1 != $6 || $2 != $7 || $5 != "wald" || ($3 - $8) ^ 2 > 1e-18 || ($4 - $9) ^ 2 > 1e-18 { exit 1 }
			END { exit NR != 4 }'
	done
	# separated labels, equal logits, and probabilities without a logit have no fit
	table 'subject\tlabel\tprobability' 'a\t0\t0.2' 'b\t0\t0.3' 'c\t1\t0.6' >p
	hmm-score --metrics slope p 2>/dev/null | grep -q 'slope	n/a	n/a	n/a	3	n/a'
	table 'subject\tlabel\tprobability' 'a\t0\t0.3' 'b\t0\t0.3' 'c\t1\t0.3' >p
	hmm-score --metrics slope,citl p 2>/dev/null | cut -f 2,3 | tr '\n' ' ' | grep -q 'slope	n/a citl	0.15'
	table 'subject\tlabel\tprobability' 'a\t0\t0' 'b\t0\t0.7' 'c\t1\t0.6' 'd\t1\t0' >p
	hmm-score --bootstrap 0 --metrics slope,citl,log_loss p 2>errors | cut -f 3 | tail -n 3 | tr '\n' ' ' | grep -q 'n/a n/a n/a'
	grep -q '2 probabilities are exactly 0 or 1 and have no logit; citl and slope are n/a, and log_loss' errors
}

@test "thresholds: of cal, else of val with a warning, one a run" {
	tail -n +2 "$golden/score.chosen.tsv" | while IFS=$(printf '\t') read -r rule threshold; do
		hmm-score --bootstrap 0 --threshold "$rule" "$golden/score.predictions.tsv" >have 2>errors
		grep -q "threshold $threshold by ${rule%=*}, of split val: n 60, 36 events" errors
		grep -q 'no split cal: the threshold is chosen on val' errors
		hmm-score --bootstrap 0 --threshold "$threshold" "$golden/score.predictions.tsv" 2>/dev/null | cmp - <(awk -F'\t' '$2 != "threshold"' have)
		awk -F'\t' -v t="$threshold" '$2 == "threshold" { n++; bad += ($3 - t) ^ 2 > 1e-17 } END { exit !(n > 1 && !bad) }' have
	done
	# of thresholds that are as good the highest, though no row lies between them
	printf '%s\t%s\t%s\t%s\n' subject split label probability a val 0 0 b val 1 0.5 c val 1 0.8 >zero
	hmm-score --bootstrap 0 --threshold sensitivity=1 zero 2>errors >/dev/null
	grep -q 'threshold 0.25 by sensitivity' errors
	awk -F '\t' -v OFS='\t' '$3 == "val" { $3 = "cal" } 1' "$golden/score.predictions.tsv" >cal
	hmm-score --bootstrap 0 --threshold youden cal 2>errors >have
	grep -q 'of split cal: n 60' errors
	grep -q 'no split cal' errors && false
	# ties: of equal Youden indices the higher sensitivity, and of equal tables the lowest
	table 'subject\tsplit\tlabel\tprobability\trun' 'a\tcal\t1\t0.2\t1' 'b\tcal\t0\t0.4\t1' 'c\tcal\t1\t0.6\t1' \
		'd\tcal\t0\t0.2\t2' 'e\tcal\t1\t0.9\t2' 'f\ttest\t1\t0.55\t1' 'g\ttest\t0\t0.53\t2' 'h\ttest\t0\t0.1\t2' >p
	hmm-score --bootstrap 0 --threshold youden --split test p 2>errors >have
	grep -q 'threshold 0.5 by youden, of split cal, run 1: n 3, 2 events' errors
	grep -q 'threshold 0.55 by youden, of split cal, run 2: n 2, 1 events' errors
	# the mean over the runs, but counts are of all rows
	grep -q '^test	acc	1	.*	runs' have
	grep -q '^test	tn	2	.*	pooled' have
	hmm-score --bootstrap 0 --threshold sensitivity=0.5 p 2>&1 >/dev/null | grep -q 'threshold 0.5 by sensitivity, of split cal, run 1'
	# a positive of probability 0 that no threshold is below
	table 'subject\tsplit\tlabel\tprobability' 'a\tcal\t1\t0' 'b\tcal\t0\t0.4' 'c\tcal\t1\t0.6' 'd\ttest\t1\t0.5' >zero
	hmm-score --bootstrap 0 --threshold sensitivity=0.9 zero 2>&1 >/dev/null |
		grep -q 'warning: zero: split cal: no threshold has a sensitivity of 0.9, the most is 0.5: other positives'
	hmm-score --bootstrap 0 --threshold sensitivity=0.5 zero 2>&1 >/dev/null | grep -c 'no threshold has' && false
	run hmm-score --threshold youden <(sed 's/cal/train/' p)
	[ "$status" = 1 ]
	[[ "$output" = *"no row of split 'cal' or 'val', want one to choose a threshold" ]]
	run hmm-score --threshold f1 <(sed 's/cal\t0/cal\t1/' p)
	[ "$status" = 1 ]
	[[ "$output" = *"split cal, run 1: all 3 labels are 1, want both to choose a threshold" ]]
	run hmm-score --threshold f1 <(sed 's/h\ttest\t0\t0.1\t2/h\ttest\t0\t0.1\t3/' p)
	[ "$status" = 1 ]
	[[ "$output" = *"run '3' has no rows to choose its threshold on" ]]
	# each system has its own
	sed 's/0\.9/0.5/' p >q
	[ "$(hmm-score -q --bootstrap 0 --threshold youden --metrics acc --against p q | cut -f 4,5 | tail -n 1)" = '1	0.75' ]
}

@test "by: levels of a column, of a table of subjects, and of numbers" {
	table 'participant_id\tsex\tage' 'sub-a\tM\t50' 'sub-b\tF\t64.9' 'sub-c\tF\t65' 'd\tn/a\t49' >participants.tsv
	table 'subject\tlabel\tprobability\tmodalities' 'a\t0\t0.25\tMRI' 'b\t1\t0.75\tPET' 'sub-c\t0\t0.5\tMRI' \
		'sub-d\t1\t0.5\tMRI' 'e\t1\t0.5\tMRI' >p
	hmm-score -q --metrics acc,auc --bootstrap 0 --by sex,modalities,age --bins age=50,65 --table participants.tsv p >have 2>errors
	[ "$(head -n 1 have)" = "$(table 'split\tby\tlevel\tmetric\tvalue\tlow\thigh\tn\tinterval\tover')" ]
	cut -f 2-5,8 have | grep -v metric | tr '\t\n' ' ;' >flat
	[ "$(cat flat)" = "sex F acc 1 2;sex F auc 1 2;sex M acc 1 1;sex M auc n/a 1;sex n/a acc 0 2;sex n/a auc n/a 2;\
modalities MRI acc 0.5 4;modalities MRI auc 0.75 4;modalities PET acc 1 1;modalities PET auc n/a 1;\
age below 50 acc 0 1;age below 50 auc n/a 1;age 50 to below 65 acc 1 2;age 50 to below 65 auc 1 2;\
age 65 or more acc 1 1;age 65 or more auc n/a 1;age n/a acc 0 1;age n/a auc n/a 1;" ]
	grep -q 'p: split n/a, sex F: 1 positive and 1 negative labels, want 10 of each' errors
	hmm-score -q --metrics acc --bootstrap 0 --by age --bins age=quartiles --table participants.tsv p 2>/dev/null | cut -f 3,8 >have
	# of 49, 50, 64.9, 65
	table 'level\tn' 'below 49.75\t1' '49.75 to below 57.45\t1' '57.45 to below 64.925\t1' '64.925 or more\t1' 'n/a\t1' | cmp - have
	run hmm-score --by age --bins age=65,50 --table participants.tsv p
	[ "$status" = 1 ]
	[[ "$output" = *"--bins age=65,50: want numbers that ascend, 20 at most, or quartiles of some" ]]
	run hmm-score --by sex --bins sex=1 --table participants.tsv p
	[ "$status" = 1 ]
	[[ "$output" = *"subject 'a': sex 'M', want a number" ]]
	run hmm-score --by site --table participants.tsv p
	[ "$status" = 1 ]
	[[ "$output" = *"p, participants.tsv: no column 'site'" ]]
	# a manifest has several rows a subject, which must agree
	table 'subject\tmodality\tsite' 'a\tMRI\tx' 'a\tPET\ty' >manifest.tsv
	run hmm-score --by site --table manifest.tsv p
	[ "$status" = 1 ]
	[[ "$output" = *"manifest.tsv: subject 'a' has site 'x' and 'y', want one" ]]
	run hmm-score --table manifest.tsv p
	[ "$status" = 2 ]
	# the same bytes as the level alone
	hmm-score -s 3 --by modalities "$golden/score.predictions.tsv" 2>/dev/null | grep '^val	modalities	pet	' | cut -f 1,4- >have
	awk -F '\t' 'NR == 1 || $7 == "pet"' "$golden/score.predictions.tsv" | hmm-score -s 3 2>/dev/null | grep '^val' | cmp - have
}

@test "auc_within: presence cannot help" {
	# who has PET is ill: 1 over all pairs, chance within the patterns
	table 'subject\tlabel\tprobability\tmodalities' 'a\t1\t0.8\tPET' 'b\t1\t0.8\tPET' 'c\t0\t0.8\tPET' 'd\t0\t0.2\tMRI' \
		'e\t0\t0.2\tMRI' 'f\t1\t0.2\tMRI' >p
	hmm-score --bootstrap 0 --metrics auc,auc_within p 2>/dev/null | cut -f 3 | tail -n 2 | tr '\n' ' ' >have
	[ "$(cat have)" = '0.666666666667 0.5 ' ]
	hmm-score --bootstrap 0 --metrics auc_within <(cut -f 1-3 p) | cut -f 3 | tail -n 1 | grep -q n/a
}

@test "several runs: calibration is of all rows together" {
	runs 40 40 2 0.5 1 >two
	hmm-score -s 1 two 2>/dev/null | awk -F '\t' '$8 == "pooled" { print $2 }' | tr '\n' ' ' >have
	[ "$(cat have)" = 'ece rmsce_debiased citl slope tn fp fn tp ' ]
	for metric in ece citl slope tp; do
		hmm-score --bootstrap 0 --metrics $metric two 2>/dev/null | cut -f 3 >have
		cut -f 1-5 two | hmm-score --bootstrap 0 --metrics $metric 2>/dev/null | cut -f 3 | cmp - have
	done
	hmm-score --curve calibration two | cut -f 8 | sort -u | tr '\n' ' ' | grep -q 'over pooled'
}

@test "several runs: one without a label has nothing to say of it" {
	runs 40 40 3 0.5 1 >three
	awk -F '\t' 'NR == 1 || $6 != "r1" || $4 == 0' three >without
	hmm-score -s 1 without 2>errors >have
	grep -q 'warning: without: split test: 1 of 3 runs have no positive label; what needs one is the mean of the others$' errors
	grep -c 'negative label' errors && false
	for metric in recall f1 mcc auc; do
		grep -v '	r1$' three | hmm-score --bootstrap 0 --metrics $metric 2>/dev/null | cut -f 2,3 >want
		grep "^test	$metric	" have | cut -f 2,3 | cmp - <(tail -n 1 want)
	done
	hmm-score --bootstrap 0 --threshold 1 three 2>&1 >/dev/null | grep -q 'nothing predicted positive; precision is 0$'
	# a negative that is called positive is no precision of nothing
	hmm-score --bootstrap 0 without 2>/dev/null | awk -F '\t' '$2 == "precision" { exit $3 == "n/a" }'
	awk -F '\t' 'NR == 1 || $4 == 0' three | hmm-score 2>errors | awk -F '\t' '$2 == "recall" { exit $3 != "n/a" || $4 != "n/a" }'
	grep -q '3 of 3 runs have no positive label' errors
}

@test "the intervals: seeded, whatever the order of the rows and the other splits" {
	predictions="$golden/score.predictions.tsv"
	hmm-score -s 3 "$predictions" 2>/dev/null >one
	{ head -n 1 "$predictions"; tail -n +2 "$predictions" | shuf --random-source="$predictions"; } |
		hmm-score -s 3 2>/dev/null | cmp - one
	hmm-score -s 4 "$predictions" 2>/dev/null | cmp -s - one && false
	awk -F '\t' 'NR == 1 || $3 == "val"' "$predictions" | hmm-score -s 3 | tail -n +2 >alone
	grep '^val' one | cmp - alone
	awk -F '\t' 'NR > 1 && $3 != "n/a" && $4 != "n/a" && ($4 > $3 || $5 < $3) { exit 1 }' one
}

@test "the intervals: groups are drawn, not rows" {
	{
		table 'subject\tgroup\tlabel\tprobability'
		for i in $(seq 40); do
			table "s$i\tg$((i % 10))\t$((i % 20 / 10))\t0.$((i % 2 * 4 + 3))"
		done
	} >predictions
	# every group is half right, and nothing varies: no interval
	hmm-score predictions | awk '$2 == "acc" || $2 == "brier" { print $2, $3, $4, $5, $7 }' >have
	table 'acc 0.5 n/a n/a n/a' 'brier 0.29 n/a n/a n/a' >want
	cmp have want
	cut -f 1,3,4 predictions | hmm-score | awk '$2 == "acc" { exit !($4 < 0.4 && $5 > 0.6) }'
}

@test "the intervals: no formula of one row a patient where a patient has several" {
	table 'subject\tgroup\tlabel\tprobability' 'a\tA\t0\t0.2' 'b\tA\t0\t0.7' 'c\tB\t1\t0.9' 'd\tC\t0\t0.4' \
		'e\tD\t1\t0.6' 'f\tD\t1\t0.3' >repeated
	hmm-score repeated >have
	cut -f 1,3,4 repeated | hmm-score >single
	for metric in acc auc precision recall; do
		! diff <(grep "$metric	" have) <(grep "$metric	" single) || false
	done
	# the positives of B and D beat 1/3 more and less than the mean, the negatives of A and C nothing:
	# a variance of 4/81, which is 1 on the logit's scale, and Student's t of 3
	awk '$2 == "auc" { t = 3.18244630528371; d = $4 - 1 / (1 + exp(t) / 2); e = $5 - 1 / (1 + exp(-t) / 2)
		exit !(d * d < 1e-22 && e * e < 1e-22) }' have
	hmm-score --bootstrap 0 repeated | awk '$2 == "acc" || $2 == "recall" { if ($4 != "n/a") exit 1 }
		$2 == "auc" { if ($4 == "n/a") exit 1 }'
	# one patient alone, all right, all wrong, and one row of a class
	table 'subject\tgroup\tlabel\tprobability' 'a\tA\t0\t0.2' 'b\tA\t1\t0.1' | hmm-score |
		awk -F '\t' 'NR > 1 && ($4 != "n/a" || $5 != "n/a") { exit 1 }'
	for p in 0.9 0.1 0.2; do
		table 'subject\tlabel\tprobability' 'a\t0\t0.2' 'b\t0\t0.3' "c\t1\t$p" "d\t$([ $p = 0.2 ] && echo 0 || echo 1)\t$p" |
			hmm-score | awk -F '\t' '$2 == "auc" { exit !($3 <= 1 && $4 == "n/a" && $5 == "n/a") }'
	done
}

@test "the intervals: none where nothing varies, of no other value than the sample's, nor of what is infinite" {
	# twelve patients, all right: with the rows' prevalence and with another
	awk -v OFS='\t' 'BEGIN { print "subject", "label", "probability"; for (i = 0; i < 12; i++) print "s" i, i % 2, i % 2 ? 0.9 : 0.1 }' >right
	for option in '' '--prevalence 0.2'; do
		hmm-score $option --metrics f1,mcc,average_precision,brier,acc,precision,npv right 2>/dev/null >have
		awk -F '\t' 'NR > 1 && $7 != "wilson" && ($4 != "n/a" || $5 != "n/a" || $7 != "n/a") { exit 1 }' have
	done
	grep -q '^n/a	precision	1	n/a	n/a	12	n/a' have
	# rows of a patient: a replicate without a positive has no recall, which is not one of 0
	awk -v OFS='\t' 'NR == 1 { print $0, "group"; next } { print $0, $1; $1 = $1 "x"; print $0, substr($1, 1, length($1) - 1) }' right |
		awk -F '\t' 'NR == 1 || $2 == 0 || $1 ~ /s1/' >one
	hmm-score --metrics recall,f1,precision,npv,specificity one 2>/dev/null |
		awk -F '\t' 'NR > 1 && ($3 != 1 || $4 != "n/a") { exit 1 }'
	# no value, no interval
	{ cat right; table 'x\t1\t0'; } | hmm-score --metrics log_loss 2>/dev/null | grep -q 'log_loss	n/a	n/a	n/a	13	n/a'
	# the same of a difference: none without variance, and p neither
	sed 's/0\.1$/0.5/; s/0\.9$/0.1/; s/0\.5$/0.9/' right >wrong
	hmm-score --split n/a --metrics auc,auc_hard,recall,brier --against right wrong |
		awk -F '\t' 'NR > 1 && ($6 == 0 || $7 != "n/a" || $8 != "n/a" || $10 != "n/a") { exit 1 }'
	hmm-score --split n/a --metrics auc,recall,brier --against right right |
		awk -F '\t' 'NR > 1 && ($6 != 0 || $7 != "n/a" || $10 != 1) { exit 1 }'
}

@test "rows that repeat a subject are counted" {
	table 'subject\tsplit\tlabel\tprobability' 'a\tval\t0\t0.2' 'a\tval\t0\t0.3' 'a\ttest\t1\t0.9' 'b\tval\t1\t0.9' >p
	hmm-score p 2>errors | grep -q '^val	acc	1	n/a	n/a	3	n/a	rows$'
	grep -q 'split val: 1 rows repeat a subject' errors
}

@test "against: a known answer" {
	table 'subject\tsplit\tlabel\tprobability' 'a\ttest\t0\t0.1' 'b\ttest\t0\t0.2' 'c\ttest\t0\t0.6' \
		'd\ttest\t1\t0.7' 'e\ttest\t1\t0.8' 'f\ttest\t1\t0.9' 'g\ttrain\t1\t0.9' >ours
	table 'subject\tsplit\tlabel\tprobability' 'f\ttest\t1\t0.4' 'b\ttest\t0\t0.2' 'a\ttest\t0\t0.1' \
		'd\ttest\t1\t0.3' 'e\ttest\t1\t0.8' 'c\ttest\t0\t0.6' >'its table'
	hmm-score --against ours --bootstrap 0 'its table' >have
	# DeLong: components that differ by 1/3, 0, 1/3 and 0, 0, 2/3; McNemar: two pairs, both ours
	table 'system\tmetric\tn\tvalue\tother\tdifference\tlow\thigh\ttest\tp\tp_holm\tp_holm_least' \
		'its table\tacc\t6\t0.833333333333\t0.5\t0.333333333333\tn/a\tn/a\tmcnemar\t0.5\t0.742186739045\tn/a' >want
	head -n 2 have | cmp - want
	awk -F '\t' '$2 == "auc" { d = $6 - 2 / 9; e = 1.959963984540054 * sqrt(5 / 81)
		exit !(d * d < 1e-20 && ($7 - 2 / 9 + e) ^ 2 < 1e-20 && ($8 - 2 / 9 - e) ^ 2 < 1e-20 &&
			$9 == "delong" && $10 ~ /^0.3710933695/) }' have
	[ "$(cut -f 2,9 have | tail -n +4 | tr '\t\n' '  ')" = "auc_hard delong f1 bootstrap precision bootstrap recall bootstrap brier bootstrap " ]
}

@test "against: as many replicates as so many tests want, or a word that none could show anything" {
	local systems="s1 s2 s3 s4 s5 s6 s7 s8 s9"
	for r in s0 $systems; do
		awk -v r=${r#s} 'BEGIN {
			print "subject\tsplit\tlabel\tprobability\trun"
			for (k = 1; k <= 2; k++)
				for (i = 0; i < 60; i++)
					printf "s%d\ttest\t%d\t%.3f\t%d\n", i, i % 2, r ? (i * (17 + 2 * r) + 7 * k) % 61 / 61 : (i % 2 ? .55 : .3) + i % 3 / 20, k }' >$r
	done
	hmm-score --against s0 --metrics acc,auc,f1,brier,recall $systems 2>errors >have
	[ ! -s errors ]
	awk -F '\t' 'NR > 1 { n++; least += $12 <= .02; found += $2 == "auc" && $11 < .05 && $11 >= $12 } END { exit !(n == 45 && least == 45 && found == 9) }' have
	hmm-score --against s0 --bootstrap 2000 --metrics acc,auc,f1,brier,recall $systems 2>errors >have
	grep -q '^hmm-score: warning: s0: 45 tests, and so few replicates and patients that p_holm of the bootstrap cannot be less than 0.083: ' errors
	awk -F '\t' 'NR > 1 { n += $12 > .08 && $11 >= $12 } END { exit n != 45 }' have
	# one test has no need of more
	hmm-score --against s0 --metrics auc s1 >have
	hmm-score --against s0 --metrics auc --bootstrap 2000 s1 | cmp - have
	# formulas have no least p, and come first
	grep -v '2$' s0 >t0
	grep -v '2$' s1 >t1
	hmm-score --against t0 --metrics auc,brier --bootstrap 30 t1 2>errors >have
	awk -F '\t' '$2 == "auc" { exit !($9 == "delong" && $12 == "n/a" && $10 < .001) }' have
	awk -F '\t' '$2 == "brier" { exit !($12 > $10 * .99 && $12 < $10 * 1.01) }' have
}

@test "against: what has no test is refused" {
	for metric in citl slope tn fp fn tp; do
		run hmm-score --against "$golden/score.predictions.tsv" --metrics acc,$metric "$golden/score.predictions.tsv"
		[ "$status" -eq 2 ]
		[[ "$output" = *"have no test, want others with --against"* ]]
	done
}

@test "by: subjects that a table does not know are counted, and nobody is an error" {
	table 'subject\tsplit\tlabel\tprobability' 'a\ttest\t0\t0.1' 'b\ttest\t1\t0.6' 'c\ttest\t0\t0.3' 'd\ttrain\t1\t0.7' >p
	table 'participant_id\tsex' 'sub-a\tF' 'sub-b\tF' >known
	hmm-score --split test --by sex --table known --metrics acc p 2>errors >have
	grep -q '^hmm-score: warning: known: of 1 of the 3 rows of p it has neither subject nor group; sex is n/a$' errors
	[ "$(cut -f 3,5 have | tail -n +2 | tr '\t\n' '  ')" = "F 1 n/a 1 " ]
	table 'participant_id\tsex' 'sub-d\tF' >others
	run hmm-score --split test --by sex --table others --metrics acc p
	[ "$status" = 1 ]
	[ "$output" = "hmm-score: others: no subject or group of p, such as 'a'" ]
}

@test "subsets: a table without rows of subsets is refused" {
	awk -F '\t' -v OFS='\t' 'BEGIN { print "subject\tsplit\tlabel\tprobability\tmodalities\tobserved"
		for (i = 0; i < 40; i++) print "s" i, "test", i % 2, i / 40, "A+B", "n/a" }' >p
	run hmm-score --subsets p
	[ "$status" = 1 ]
	[ "$output" = "hmm-score: p: split test: no rows of subsets, want those of hmm-setsum --subsets all" ]
	# a replicate that lacks the only positive has no recall, and 1 of all others is no interval
	awk -F '\t' -v OFS='\t' 'NR == 1 { print; next } { $3 = NR == 2; $4 = NR == 2 ? .9 : .1; print
		for (k = 1; k < 3; k++) { $5 = k == 1 ? "A" : "B"; $6 = "A+B"; print } $6 = "n/a" }' p >rare
	hmm-score --subsets --metrics recall,acc rare 2>/dev/null |
		awk -F '\t' '$2 == "all subsets" && ($3 == "mean" || $3 == "worst") && $5 == "recall" { n++; if ($6 != 1 || $7 != "n/a" || $8 != "n/a") exit 1 } END { exit n != 2 }'
	# of one modality there are none
	sed 's/A+B/A/' p >one
	hmm-score --subsets one | grep -q 'all subsets'
}

@test "citl and slope that cannot be fitted are told" {
	table 'subject\tsplit\tlabel\tlogit\tprobability' 'a\ttest\t0\t-1\t0.3' 'b\ttest\t1\t1\t0.7' 'c\ttest\t0\t-2\t0.1' >apart
	[ "$(hmm-score --metrics citl,slope apart 2>&1 >have)" = "hmm-score: warning: apart: split test: slope is n/a: the logits tell the labels apart, are all the same, or too large" ]
	[ "$(cut -f 2,3 have | grep -c 'n/a')" = 1 ]
	sed 's/-1/1e150/; s/-2/2e150/' apart >huge
	hmm-score --metrics citl,slope huge 2>&1 >have | grep -q 'split test: citl and slope are n/a: the logits'
	[ "$(hmm-score --metrics auc,brier apart 2>&1 >/dev/null)" = "" ]
}

@test "by: thousands of levels say each thing once, and a level is what its rows alone would be" {
	awk -v OFS='\t' 'BEGIN { print "subject\tgroup\tsplit\tlabel\tprobability\tsite\tsex"
		for (i = 0; i < 3000; i++) print "s" i, "g" i % 1000, "test", i % 3 == 0, (i * 37 % 101) / 101, "x" int(i / 2), i % 5 ? "F" : "M" }' >p
	hmm-score --by site --bootstrap 0 p 2>errors >have
	[ "$(wc -l <errors)" -lt 10 ]
	grep -q 'split test, site x0: 1 positive and 1 negative labels, want 10 of each: the numbers say little (and 1499 more of this kind)$' errors
	[ "$(cut -f 3 have | sort -u | wc -l)" = 1501 ]
	hmm-score --by sex --bootstrap 50 p 2>/dev/null | awk -F '\t' '$3 == "M"' | cut -f 4- >have
	awk -F '\t' 'NR == 1 || $7 == "M"' p | hmm-score --bootstrap 50 2>/dev/null | tail -n +2 | cut -f 2- | cmp - have
}

@test "options that do nothing beside another are refused" {
	for options in "--power 0.1 --metrics auc" "--power 0.1 --prevalence 0.1" "--power 0.1 --bootstrap 10" "--power 0.1 --net-benefit 0.1" \
		"--power 0.1 --by sex" "--power 0.1 --subsets" "--curve roc --metrics auc" "--curve decision --net-benefit 0.1" "--curve pr --threshold 0.4" \
		"--curve roc --prevalence 0.1" "--curve pr --prevalence 0.1" "--by age --bins site=1,2" "--by age --bins age=1 --bins age=2" "--by age,age" \
		"--by a,sex,a" "--by age --bins ag=1" "--by ag --bins age=1"; do
		run hmm-score $options "$golden/score.predictions.tsv"
		[ "$status" -eq 2 ] || { echo "$options: $output"; return 1; }
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "against: who stands in one table alone, other labels, and who stands twice" {
	table 'subject\tsplit\tlabel\tprobability' 'a\ttest\t0\t0.1' 'b\ttest\t1\t0.2' 'c\ttest\t1\t0.6' >ours
	table 'subject\tsplit\tlabel\tprobability' 'b\ttest\t1\t0.4' 'd\ttest\t1\t0.2' 'a\ttest\t0\t0.1' >theirs
	hmm-score --against ours theirs 2>errors | awk -F '\t' 'NR > 1 && $3 != 2 { exit 1 }'
	grep -q 'theirs: split test: 2 rows are not in it and in ours; left out' errors
	run hmm-score --against ours --split val theirs
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: ours: no row of split 'val', found 'test'" ]
	table 'subject\tsplit\tlabel\tprobability' 'b\ttest\t0\t0.4' >bad
	run hmm-score --against ours theirs bad
	[ "$status" -eq 1 ]
	[[ "$output" = *"hmm-score: bad: split test: subject 'b' has label 0, want 1 as in ours" ]]
	[[ "$output" != *system* ]]
	table 'subject\tsplit\tlabel\tprobability' 'b\ttest\t1\t0.4' 'b\ttest\t1\t0.3' >bad
	run hmm-score --against ours bad
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: bad: split test: subject 'b' stands there twice" ]
	table 'subject\tsplit\tlabel\tprobability' 'x\ttest\t1\t0.4' >bad
	run hmm-score --against ours bad
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: bad: split test: no subject of ours" ]
	run hmm-score --against nowhere ours
	[ "$status" -eq 1 ]
	run hmm-score --against ours nowhere
	[ "$status" -eq 1 ]
}

@test "against: several runs, groups with several rows, and the same bytes in any order" {
	runs 60 60 1 0.5 1 >one
	runs 60 60 1 0.9 2 >two
	[ "$(hmm-score --against one two | cut -f 9 | sort | uniq -c | awk '{ print $1 $2 }' | tr '\n' ' ')" = "4bootstrap 2delong 1mcnemar 1test " ]
	runs 60 20 1 0.9 2 >grouped
	[ "$(hmm-score --against grouped two | cut -f 2,9 | awk '$2 != "bootstrap"' | tr '\t\n' '  ')" = "metric test auc obuchowski auc_hard obuchowski " ]
	runs 60 60 5 0.5 1 >five
	runs 60 60 5 0.9 2 >others
	hmm-score -s 2 --against five others >have
	[ "$(cut -f 3,9 have | sort -u | tr '\t\n' '  ')" = "300 bootstrap n test " ]
	{ head -n 1 others; tail -n +2 others | shuf --random-source=others; } >'others '
	hmm-score -s 2 --against five 'others ' | sed 's/^"others "/others/' | cmp - have
	awk -F '\t' '$2 == "auc" { exit !($6 > 0 && $7 > 0 && $10 < 0.01 && $11 < 0.05 && $11 >= $10) }' have
	# the mean over the runs, each by itself
	for r in 0 1 2 3 4; do
		awk -v r="r$r" 'NR == 1 || $6 == r' five | hmm-score --bootstrap 0 | awk '$2 == "auc" { print $3 }'
	done | awk '{ sum += $1 } END { printf "%.9f\n", sum / 5 }' >mean
	hmm-score --bootstrap 0 five | awk '$2 == "auc" { printf "%.9f\n", $3 }' | cmp - mean
	awk -F '\t' '$2 == "auc" { printf "%.9f\n", $4 }' have | cmp - mean
	hmm-score five 2>&1 | grep -c repeat && false
	cut -f 1-5 five | hmm-score 2>&1 | grep -q '240 rows repeat a subject'
}

@test "runs: files of their own are one table with a column run" {
	runs 30 10 3 0.9 1 >three
	runs 30 10 3 0.9 2 >others
	for table in three others; do
		for r in 0 1 2; do
			awk -v r="r$r" 'NR == 1 || $6 == r' $table | cut -f 1-5 >$table.$r
		done
	done
	hmm-score -s 2 three >want
	hmm-score -s 2 three.0 three.1 three.2 >have
	[ "$(head -n 1 have)" = "$(table 'split\tmetric\tvalue\tlow\thigh\tn\tinterval\tover\truns\tsd')" ]
	cut -f 1-8 have | cmp - want
	# n - 1, of what each run alone says
	for r in 0 1 2; do
		hmm-score --bootstrap 0 three.$r | awk '$2 == "auc" { print $3 }'
	done | awk '{ v[NR] = $1; m += $1 / 3 } END { for (i in v) s += (v[i] - m) ^ 2; printf "3 %.8f\n", sqrt(s / 2) }' >sd
	awk '$2 == "auc" { printf "%d %.8f\n", $9, $10 }' have | cmp - sd
	[ "$(hmm-score --runs 1 --bootstrap 0 three.0 | cut -f 9,10 | tail -n +2 | sort -u)" = "$(table '1\tn/a')" ]
	hmm-score -s 2 --curve pr three >want
	hmm-score -s 2 --curve pr three.0 three.1 three.2 | cmp - want
	hmm-score -s 2 --against three others three | sed 's/^others/others.0/; s/^three/three.0/' >want
	hmm-score -s 2 --against three.0 --runs 3 three.1 three.2 others.0 others.1 others.2 three.0 three.1 three.2 | cmp - want
	run hmm-score three.0 three
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: three: has a column 'run', want one run a table" ]
	table 'subject\tlabel\tprobability' 'a\t2\t0.5' >bad
	run hmm-score three.0 bad
	[ "$output" = "hmm-score: bad: row 1: label '2', want 0, 1 or n/a" ]
}

@test "curves: a known answer" {
	table 'subject\tlabel\tprobability' 'a\t0\t0.1' 'b\t1\t0.4' 'c\t0\t0.4' 'd\t1\t0.8' 'e\t0\t0.9' >p
	hmm-score --curve roc --bootstrap 0 p >have
	[ "$(wc -l <have)" -eq 102 ]
	table 'split\tfpr\ttpr\tlow\thigh' 'n/a\t0\t0\tn/a\tn/a' 'n/a\t0.33\t0\tn/a\tn/a' 'n/a\t0.5\t0.75\tn/a\tn/a' \
		'n/a\t0.67\t1\tn/a\tn/a' 'n/a\t1\t1\tn/a\tn/a' >want
	sed -n '1p; 2p; 35p; 52p; 69p; 102p' have | cmp - want
	hmm-score --curve pr --bootstrap 0 p >have
	table 'split\trecall\tprecision\tlow\thigh' 'n/a\t0\t1\tn/a\tn/a' 'n/a\t0.01\t0.5\tn/a\tn/a' \
		'n/a\t0.5\t0.5\tn/a\tn/a' 'n/a\t0.51\t0.5\tn/a\tn/a' 'n/a\t1\t0.5\tn/a\tn/a' >want
	sed -n '1p; 2p; 3p; 52p; 53p; 102p' have | cmp - want
}

@test "curves: calibration, decision and risk" {
	for curve in calibration decision risk; do
		hmm-score --curve $curve --split val --bootstrap 50 "$golden/score.predictions.tsv" >$curve 2>/dev/null
	done
	head -qn 1 calibration decision risk >have
	table 'split\tbin\tn\tpredicted\tobserved\tlow\thigh\tover' \
		'split\tthreshold\tnet_benefit\tlow\thigh\tall\tnone\tstandardised\tover' \
		'split\tlabel\tfrom\tto\tn\tshare\tover' | cmp - have
	{
		tail -n +2 calibration | cut -f 2-7
		tail -n +2 decision | awk -F '\t' -v OFS='\t' '{ print $2, $3, $6, $7, $8, 0 }'
		tail -n +2 risk | awk -F '\t' -v OFS='\t' '{ print $2, $3, $4, $5, $6, 0 }'
	} >have
	tail -n +2 "$golden/score.curves.tsv" | cut -f 2- | paste have - | awk -F '\t' '
		{ for (i = 1; i <= 6; i++) if (($i - $(i + 6)) ^ 2 > 1e-20) exit 1 } END { exit NR < 140 }'
	awk -F '\t' 'NR > 1 && !($4 == "n/a" ? $3 == 0 : $4 <= $3 && $3 <= $5) { exit 1 }' decision # 0: nobody is called
	# rows of one patient have no Wilson interval
	hmm-score --curve calibration --split train "$golden/score.predictions.tsv" 2>errors >have
	grep -q 'split train: rows of one patient depend on each other; no intervals' errors
	awk -F '\t' 'NR > 1 && ($6 != "n/a" || $4 == "n/a") { exit 1 }' have
	hmm-score --curve risk --by modalities --split val "$golden/score.predictions.tsv" 2>/dev/null >have
	[ "$(head -n 1 have)" = "$(table 'split\tby\tlevel\tlabel\tfrom\tto\tn\tshare\tover')" ]
	[ "$(wc -l <have)" -eq 121 ]
}

@test "curves: a band around them, a split, one label alone" {
	predictions="$golden/score.predictions.tsv"
	hmm-score --curve roc -s 1 "$predictions" 2>/dev/null >all
	[ "$(wc -l <all)" -eq 708 ]
	[ "$(grep -c '^a one	[0-9.]*	n/a	n/a	n/a$' all)" -eq 101 ]
	hmm-score --curve roc -s 1 --split val "$predictions" 2>/dev/null | tail -n +2 >val
	grep '^val' all | cmp - val
	awk -F '\t' '$4 > $3 || $5 < $3 { bad++ } $3 < last { exit 1 } { last = $3 } END { exit bad > 2 }' val
	run hmm-score --curve roc --split nowhere "$predictions"
	[ "$status" -eq 1 ]
	[[ "$output" = *"no row of split 'nowhere', found 'train', 'val', 'test', 'a one', "* ]]
}

@test "subsets: every pattern, and every subset on the same patients" {
	hmm-score --subsets --metrics auc,brier -s 1 "$golden/score.subsets.tsv" >have 2>errors
	[ "$(head -n 1 have)" = "$(table 'split\tprotocol\tmodalities\tsize\tmetric\tvalue\tlow\thigh\tn\tinterval\tover')" ]
	# values by enumeration
	tail -n +2 "$golden/score.subsets.expected.tsv" | awk -F '\t' '{ print $1, "auc", $2; print $1, "brier", $3 }' | sort >want
	awk -F '\t' '$2 == "all subsets" && $3 != "share_worse" { print $3, $5, $6 }' have | sort | paste -d ' ' - want |
		awk '$1 != $4 || $2 != $5 || ($3 - $6) ^ 2 > 1e-20 { exit 1 } END { exit NR != 18 }'
	# PET makes three of nine pairs worse
	[ "$(awk -F '\t' '$3 == "share_worse" { print $5, $6, $9 }' have | tr '\n' ' ')" = 'auc 0.333333333333 9 brier 0.333333333333 9 ' ]
	# what there is: 24 complete patients and 4 with one modality, too few for a value
	[ "$(awk -F '\t' '$2 == "natural" { print $3, $4, $5, $6 == "n/a" ? $6 : int($6 * 100), $9 }' have | tr '\n' ';')" = "FLAIR 1 positives 200 4;FLAIR 1 negatives 200 4;FLAIR 1 auc n/a 4;FLAIR 1 brier n/a 4;\
FLAIR+PET+T1w 3 positives 1200 24;FLAIR+PET+T1w 3 negatives 1200 24;FLAIR+PET+T1w 3 auc 46 24;FLAIR+PET+T1w 3 brier 36 24;" ]
	grep -q 'FLAIR is the pattern of 2 positive and 2 negative patients, want 10 of each: n/a' errors
	# a subset is what these rows alone are
	awk -F '\t' -v OFS='\t' 'NR == 1 || ($5 == "PET+T1w" && $6 == "FLAIR+PET+T1w") { $6 = NR == 1 ? $6 : "n/a"; print }' \
		"$golden/score.subsets.tsv" | hmm-score -s 1 --metrics auc,brier | cut -f 3-8 | tail -n 2 >want
	awk -F '\t' '$2 == "all subsets" && $3 == "PET+T1w"' have | cut -f 6-11 | cmp - want
	{ head -n 1 "$golden/score.subsets.tsv"; tail -n +2 "$golden/score.subsets.tsv" | sort -k 4; } |
		hmm-score --subsets --metrics auc,brier -s 1 2>/dev/null | cmp - have
	# whole sets alone choose a threshold
	awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "split" : "test" } NR > 1 { print "v" $0, "cal" }' "$golden/score.subsets.tsv" >two
	hmm-score --subsets --threshold youden --metrics acc --split test two 2>&1 >/dev/null | grep -q 'of split cal: n 28, 14 events'
}

@test "subsets: what is not there" {
	# drawn ones count as often as they were drawn, the full set once less than it stands there
	{ grep -v '	FLAIR	FLAIR+PET+T1w$' "$golden/score.subsets.tsv"; grep '	T1w	FLAIR+PET+T1w$' "$golden/score.subsets.tsv"; } >some
	hmm-score --subsets --bootstrap 10 some 2>errors >have
	grep -q 'the subsets are taken as 6 draws' errors
	tail -n +2 "$golden/score.subsets.expected.tsv" | awk -F '\t' '
		$1 == "PET" || $1 == "FLAIR+PET" || $1 == "FLAIR+T1w" || $1 == "PET+T1w" { v[n++] = $2 }
		$1 == "T1w" { v[n++] = $2; v[n++] = $2 }
		END { for (i in v) m += v[i] / n; for (i in v) s += (v[i] - m) ^ 2; printf "%d %.9f %.9f\n", n, m, sqrt(s / (n - 1) / n) }' >want
	awk -F '\t' '$2 == "sampled subsets" && $3 == "mean" { m = $6 } $3 == "mean_error" { printf "%d %.9f %.9f\n", $9, m, $6 }' have | cmp - want
	awk -F '\t' 'length($5) < 5 || $5 == "modalities" || $6 == "n/a"' "$golden/score.subsets.tsv" | grep -v '	FLAIR	n/a$' >single
	{ cat single; grep '	FLAIR	FLAIR+PET+T1w$' "$golden/score.subsets.tsv"; } >singles
	hmm-score --subsets --bootstrap 0 singles | cut -f 2,3 | grep -c 'single modalities' | grep -qx 7
	awk -F '\t' '!($1 == "s03" && $5 == "PET")' "$golden/score.subsets.tsv" >one
	{ cat "$golden/score.subsets.tsv"; grep '^s03.*	PET	' "$golden/score.subsets.tsv"; } >twice
	for table in one twice; do
		run hmm-score --subsets $table
		[ "$status" = 1 ]
		[[ "$output" = *"subset 'PET' is not there of all 24 complete subjects, as often of each; want them as of"* ]]
	done
	table 'subject\tlabel\tprobability\tmodalities' 'a\t0\t0.2\tMRI' 'b\t1\t0.3\tPET' | hmm-score --subsets - 2>errors >have
	grep -q 'nobody has all 2 modalities' errors
	[ "$(wc -l <have)" -eq 7 ]
	run hmm-score --subsets --by modalities one
	[ "$status" = 2 ]
}

@test "power of predictions of another kind is refused by name" {
	for column in probability_CN value sd risk; do
		table "subject\tlabel\t$column" 'a\t0\t0.2' >other
		run hmm-score --power 0.1 other
		[ "$status" = 1 ]
		[ "$output" = "hmm-score: other: column '$column' and no 'probability': want predictions of two classes, of which probability is that of label 1" ]
	done
}

@test "metrics, thresholds and prevalences that are none" {
	table 'subject\tlabel\tprobability' 'a\t0\t0.2' 'b\t1\t0.6' >p
	for options in '--metrics auc,nothing' '--metrics auc,auc' '--metrics auc,' '--net-benefit 0' '--net-benefit 0.1,' \
		'--net-benefit 0.1,1' '--threshold high' '--threshold sensitivity=2' '--threshold 1.5' '--prevalence 0' '--prevalence 1' \
		'--bins age=3'; do
		run hmm-score $options p
		[ "$status" = 2 ]
	done
}

@test "empty input" {
	: >empty
	run hmm-score empty
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: empty: empty, want a header line" ]
	table 'subject\tlabel\tprobability' >header
	run hmm-score header
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: header: no row with a label" ]
	table 'a\tn/a\t0.5' >>header
	run hmm-score header
	[ "$status" -eq 1 ]
}

@test "bad input" {
	for p in 1.5 -0.1 nan inf n/a "" 0.5x; do
		table 'subject\tlabel\tprobability' 'a\t1\t0.5' "b\t0\t$p" >bad
		run hmm-score bad
		[ "$status" -eq 1 ]
		[ "$output" = "hmm-score: bad: row 2: probability '${p:-n/a}', want 0 to 1" ]
	done
	table 'subject\tlabel\tprobability' 'a\tyes\t0.5' >bad
	run hmm-score bad
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: bad: row 1: label 'yes', want 0, 1 or n/a" ]
	table 'subject\tlabel\tlogit' 'a\t1\t0.5' >bad
	run hmm-score bad
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'probability'"* ]]
	run hmm-score <(table a,b c,d)
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	table 'subject\tgroup\tlabel\tprobability' 'n/a\tg\t1\t0.5' >bad
	run hmm-score bad
	[ "$status" -eq 1 ]
	[[ "$output" = *"row 1: no subject"* ]]
}

@test "power: of one table, of two, and of patients who repeat" {
	table 'subject\tsplit\tlabel\tprobability' 'a\ttest\t0\t0.1' 'b\ttest\t0\t0.2' 'c\ttest\t0\t0.6' \
		'd\ttest\t1\t0.7' 'e\ttest\t1\t0.8' 'f\ttest\t1\t0.5' 'g\ttrain\t1\t0.9' >ours
	table 'subject\tsplit\tlabel\tprobability' 'f\ttest\t1\t0.4' 'b\ttest\t0\t0.2' 'a\ttest\t0\t0.1' \
		'd\ttest\t1\t0.3' 'e\ttest\t1\t0.8' 'c\ttest\t0\t0.6' >theirs
	hmm-score --power 0.3 ours >have 2>said
	[ "$(head -n 1 have)" = "$(table 'system\tsplit\tmetric\tn\tpatients\tvalue\tother\tse\tdetectable\tdifference\tpower\tneeded')" ]
	# of the area 1/27 / 3 twice, of the accuracy 2/9 / 5; of the difference .8 of it
	awk -F '\t' 'NR > 1 { if ($1 != "ours" || $2 != "test" || $4 != 6 || $5 != 6 || $7 != "n/a" || $10 != 0.3) exit 1
		v = $3 == "auc" ? 2 / 81 : 2 / 45; if (($8 ^ 2 - 0.8 * v) ^ 2 > 1e-22) exit 1
		if (($9 / $8 - 2.801581787014) ^ 2 > 1e-18) exit 1 # the normal of .975 and .8, and the other tail
		n = 6 * ($9 / 0.3) ^ 2; if ($12 < n || $12 >= n + 1) exit 1 }' have
	[ "$(cat said)" = "hmm-score: ours: split test: 6 patients cannot show a difference of 0.3 in auc (power 0.57); 11 would
hmm-score: ours: split test: 6 patients cannot show a difference of 0.3 in acc (power 0.36); 19 would" ]
	hmm-score -q --power 0.9999 --correlation 0.99 <ours 2>said >have
	[ ! -s said ]
	[ "$(cut -f 1 have | sort -u)" = "$(table - system)" ]
	hmm-score --power 0.9999 --correlation 0.99 <ours 2>said >have
	grep -q 'split test: 6 patients would show a difference of 0.9999 in auc (power 1.00)$' said
	# the two of them: the standard error is that of the test
	hmm-score --power 0.3 --against ours theirs ours 2>said >have
	hmm-score --against ours theirs >tests
	e=$(awk -F '\t' '$2 == "auc" { print ($8 - $7) / 2 / 1.959963984540054 }' tests)
	awk -F '\t' -v e="$e" 'NR == 2 { exit !($1 == "theirs" && ($6 - $7 - 1 / 9) ^ 2 < 1e-20 && ($8 - e) ^ 2 < 1e-10) }' have
	awk -F '\t' 'NR == 3 { exit !(($6 - 2 / 3) ^ 2 < 1e-20 && $7 == 0.5 && ($8 - 1 / 6) ^ 2 < 1e-20) }' have
	[ "$(tail -n 2 have | cut -f 8,9,11,12 | sort -u)" = "$(table 'n/a\tn/a\tn/a\tn/a')" ]
	grep -q 'warning: ours: split test: 6 patients do not say how much auc varies' said
	# a patient three times is one patient
	awk -v OFS='\t' 'NR == 1 { print $0, "group"; next } { for (i = 0; i < 3; i++) { s = $1; $1 = s i; print $0, s; $1 = s } }' ours >thrice
	hmm-score --power 0.3 thrice 2>/dev/null | cut -f 3,5- >have
	hmm-score --power 0.3 ours 2>/dev/null | cut -f 3,5- | cmp - have
	table 'subject\tlabel\tprobability\trun\tsplit' 'a\t0\t0.2\t1\ttest' 'a\t0\t0.2\t2\ttest' >runs
	run hmm-score --power 0.05 runs
	[ "$status" = 1 ]
	[[ "$output" = *'hmm-score: runs: found 2 runs, want one: each is a model of its own' ]]
	run hmm-score --power 0.05 --split val ours
	[ "$status" = 1 ]
	[[ "$output" = *"no row of split 'val', found 'train', 'test'" ]]
}

@test "usage" {
	for options in "--threshold 1.5" "--threshold x" "--bootstrap -1" "--bootstrap 99999999" "-s x" "--odd" "--runs 2 a" "--runs 0 a" \
		"--against a --runs 2 b c" "--against a --runs 3 b c" "--against a --runs 0 b" \
		"--power 0" "--power 1" "--power -0.1" "--power 0.1 --curve roc" "--power 0.1 --runs 1 a" "--correlation 0.5" \
		"--power 0.1 --correlation 1" "--power 0.1 --against a --correlation 0.5 b" "--against a" "--against a --curve roc b" "--curve x"; do
		run hmm-score $options
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	hmm-score --help | grep -q '^usage: hmm-score '
}

@test "a full device" {
	run bash -c "hmm-score '$golden/score.predictions.tsv' 2>errors >/dev/full; s=\$?; tail -n 1 errors; exit \$s"
	[ "$status" -eq 1 ]
	[[ "$output" = *"standard output: cannot write"* ]]
}

@test "hmm-score: another column of probabilities, whose logit is its own" {
	{
		printf 'subject\tsplit\tlabel\tlogit\tprobability\tcalibrated\n'
		for i in $(seq 30); do printf 's%d\ttest\t%d\t-9\t0.%02d\t0.%02d\n' $i $((i % 3 == 0)) $((i * 7 % 31 + 50)) $((i * 11 % 89 + 5)); done
	} >both.tsv
	awk -F'\t' -v OFS='\t' '{ print $1, $2, $3, NR == 1 ? "probability" : $6 }' both.tsv >own.tsv
	hmm-score -s 1 --bootstrap 50 own.tsv >want
	hmm-score -s 1 --bootstrap 50 --probability calibrated both.tsv | cmp - want
	hmm-score -s 1 --bootstrap 50 both.tsv >plain
	run cmp -s plain want
	[ "$status" = 1 ]
	# of its own column the logit stays what the table says
	hmm-score -s 1 --bootstrap 50 --probability probability both.tsv | cmp - plain
	# of several runs, and of both systems of a test
	hmm-score -s 1 --bootstrap 50 own.tsv own.tsv >want
	hmm-score -s 1 --bootstrap 50 --probability calibrated both.tsv both.tsv | cmp - want
	hmm-score --against own.tsv --bootstrap 50 own.tsv | cut -f 2- >want
	hmm-score --against both.tsv --bootstrap 50 --probability calibrated both.tsv | cut -f 2- | cmp - want
	run hmm-score --probability calibrated own.tsv
	[ "$status" = 1 ]
	[[ "$output" = *own.tsv*calibrated* ]]
	sed 's/0.16$/1.6/' both.tsv >wrong.tsv
	run hmm-score --probability calibrated wrong.tsv
	[ "$status" = 1 ]
	[[ "$output" = "hmm-score: wrong.tsv: row "*": calibrated '1.6', want 0 to 1" ]]
}
