#!/usr/bin/env bats
# Predictions of classes, of a value and of a time.

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	golden="$BATS_TEST_DIRNAME/../golden"
	cd "$BATS_TEST_TMPDIR"
}

table() {
	printf '%b\n' "$@"
}

# Split, metric, value and n agree to 1e-10 with a table of the same lines, whose splits may stand elsewhere.
agrees() {
	cut -f 1-3,6 "$1" | sort -s -k 1,1 | paste - <(sort -s -k 1,1 "$2") | awk -F '\t' '
		$1 != $5 || $2 != $6 || $4 != $8 || ($3 == "n/a") != ($7 == "n/a") { exit 1 }
		$1 != "split" && ($3 - $7 > 1e-10 || $7 - $3 > 1e-10) { exit 1 } END { exit NR < 9 }'
}

# The rows of a table in another order.
shuffled() {
	sed 1q "$1"
	tail -n +2 "$1" | awk '{ print (NR * 7919) % 1009 "\t" $0 }' | sort -n | cut -f 2-
}

@test "classes: the metrics of scikit-learn" {
	hmm-score --bootstrap 0 "$golden/targets.classes.tsv" >have 2>errors
	agrees have "$golden/targets.classes.expected.tsv"
	grep -q "split test: no row of class 'III'; its recall and f1 are 0, and the areas are of the others" errors
	grep -q "split one: no row of class 'II'; the means are of the others" errors
	table 'subject\tlabel\tprobability_a\tprobability_b' 'x\ta\t0.7\t0.3' 'y\tb\t0.5\t0.5' >p
	hmm-score --bootstrap 0 --metrics acc,brier p 2>errors >have
	table 'split\tmetric\tvalue\tlow\thigh\tn\tinterval\tover' 'n/a\tacc\t0.5\tn/a\tn/a\t2\tn/a\trows' \
		'n/a\tbrier\t0.34\tn/a\tn/a\t2\tn/a\trows' | cmp - have
	grep -q "nothing predicted to be 'b'; its precision and f1 are 0" errors
	hmm-score --split train --curve confusion "$golden/targets.classes.tsv" 2>/dev/null | cmp - "$golden/targets.confusion.tsv"
}

@test "a value: the metrics of scikit-learn and scipy" {
	hmm-score --bootstrap 0 "$golden/targets.value.tsv" >have 2>errors
	agrees have "$golden/targets.value.expected.tsv"
	grep -q 'split flat: all 7 labels are one value; r2 and the correlations are n/a' errors
	cut -f 1-4 "$golden/targets.value.tsv" | hmm-score --bootstrap 0 >without 2>errors
	diff <(grep -v -e crps -e coverage have) <(grep -v -e crps -e coverage without)
	[ "$(grep -c -e crps.n/a -e coverage_90.n/a without)" = 6 ]
	grep -q 'no column sd; crps and coverage_90 are n/a' errors
}

@test "a time: R's concordance, and the Brier score by enumeration" {
	times='--times 0,2,7.25,9.5'
	hmm-score --bootstrap 0 $times "$golden/targets.time.tsv" >have 2>errors
	agrees have "$golden/targets.time.expected.tsv"
	grep -q 'split unseen: none of 3 rows has an event; harrell and uno are n/a' errors
	hmm-score --bootstrap 0 $times --tau 8 "$golden/targets.time.tsv" >have 2>/dev/null
	agrees have "$golden/targets.tau.tsv"
	cut -f 1-6 "$golden/targets.time.tsv" | hmm-score --bootstrap 0 --split train >have 2>errors
	grep -q 'integrated_brier	n/a' have
	grep -q 'no column survival_T; integrated_brier is n/a' errors
}

@test "calibration: quarters by risk at named times, and the bins of every class" {
	# without groups: rows of one patient have no intervals
	sed '1s/group/site/' "$golden/targets.time.tsv" >p
	hmm-score --split train --curve calibration --times 2,7.25 p | cmp - "$golden/targets.quarters.tsv"
	hmm-score --split train --curve calibration --times 2,7.25 "$golden/targets.time.tsv" 2>errors |
		awk -F '\t' 'NR > 1 && ($7 != "n/a" || $8 != "n/a") { exit 1 }'
	grep -q 'rows of one patient depend on each other; no intervals' errors
	run hmm-score --curve calibration p
	[ "$status" = 1 ]
	[ "$output" = 'hmm-score: p: want --times beside --curve calibration' ]
	# of a class what the binary curve of this class against all others has
	for class in II 'a b'; do
		hmm-score --curve calibration --class "$class" "$golden/targets.classes.tsv" 2>/dev/null | tail -n +2 >want
		hmm-score --curve calibration "$golden/targets.classes.tsv" 2>/dev/null |
			awk -F '\t' -v OFS='\t' -v class="$class" '$2 == class' | cut -f 1,3- | cmp - want
	done
}

@test "a class against all others is a binary target" {
	awk -F '\t' -v OFS='\t' '{ print $1, $2, $3, NR == 1 ? $4 : $4 == "a b", NR == 1 ? "probability" : $8 }' \
		"$golden/targets.classes.tsv" >binary
	hmm-score --bootstrap 200 --net-benefit 0.2 --threshold 0.3 --prevalence 0.2 binary >want 2>/dev/null
	hmm-score --bootstrap 200 --net-benefit 0.2 --threshold 0.3 --prevalence 0.2 --class 'a b' \
		"$golden/targets.classes.tsv" 2>/dev/null | cmp - want
	hmm-score --curve roc --bootstrap 100 binary >want 2>/dev/null
	hmm-score --curve roc --bootstrap 100 --class 'a b' "$golden/targets.classes.tsv" 2>/dev/null | cmp - want
	hmm-score --runs 2 --bootstrap 100 binary binary >want 2>/dev/null
	hmm-score --runs 2 --bootstrap 100 --class 'a b' "$golden/targets.classes.tsv" "$golden/targets.classes.tsv" \
		2>/dev/null | cmp - want
	run hmm-score --class V "$golden/targets.classes.tsv"
	[ "$status" = 1 ]
	[[ "$output" == *"targets.classes.tsv: no class 'V', found II, III, IV, a b" ]]
	run hmm-score --class V binary
	[ "$status" = 1 ]
	[ "$output" = 'hmm-score: binary: --class: predictions of binary, want classes' ]
	run hmm-score --class V --probability x binary
	[ "$status" = 2 ]
}

@test "intervals: the bootstrap of patients, whatever the order of the rows" {
	for kind in classes value time; do
		hmm-score --bootstrap 300 "$golden/targets.$kind.tsv" >want 2>/dev/null
		hmm-score --bootstrap 300 <(shuffled "$golden/targets.$kind.tsv") 2>/dev/null | cmp - want
		awk -F '\t' '$1 == "train" && ($7 != "bootstrap" || !($4 <= $3 && $3 <= $5) || $4 == $5) && $2 != "ece" {
			exit 1 }' want
		# a level of a column is a table of its own
		hmm-score --bootstrap 300 --by split "$golden/targets.$kind.tsv" 2>/dev/null | cut -f 1,4- | cmp - want
	done
	# of rows that are one patient's there is none
	sed '1s/subject/who/; 1s/split/subject/' "$golden/targets.value.tsv" >p
	[ "$(awk 'NR == 1 || /train/' p | hmm-score --metrics r2 2>/dev/null | cut -f 4-7 | tail -n 1)" = 'n/a	n/a	120	n/a' ]
}

@test "several runs: the mean of each, and ece of all rows" {
	for kind in classes value time; do
		table="$golden/targets.$kind.tsv"
		awk -F '\t' -v OFS='\t' 'NR == 1 || $0 ~ /train/ || $0 ~ /val/' "$table" >one
		# another half as good
		case $kind in
		classes) awk -F '\t' -v OFS='\t' 'NR > 1 && NR % 2 { t = $5; $5 = $6; $6 = t } 1' one >two ;;
		value) awk -F '\t' -v OFS='\t' 'NR > 1 && NR % 2 { $4 = 0 } 1' one >two ;;
		time) awk -F '\t' -v OFS='\t' 'NR > 1 && NR % 2 { $6 = -$6 } 1' one >two ;;
		esac
		hmm-score --bootstrap 0 one 2>/dev/null | cut -f 1-3 >first
		hmm-score --bootstrap 0 two 2>/dev/null | cut -f 3 >second
		hmm-score --bootstrap 50 one two >have 2>/dev/null
		[ "$(sed 1q have)" = "$(table 'split\tmetric\tvalue\tlow\thigh\tn\tinterval\tover\truns\tsd')" ]
		paste have first second | awk -F '\t' 'NR > 1 && $8 == "runs" {
			n++
			if (($3 - ($13 + $14) / 2) ^ 2 > 1e-20 || ($10 - ($13 > $14 ? $13 - $14 : $14 - $13) / sqrt(2)) ^ 2 > 1e-18)
				exit 1
		} END { exit n < 5 }'
		[ "$(cut -f 2,8 have | grep pooled | sort -u)" = "$([ $kind != classes ] || table 'ece\tpooled')" ]
		# a column says the same as files
		(awk -v OFS='\t' '{ print $0, NR == 1 ? "run" : 1 }' one; awk -v OFS='\t' 'NR > 1 { print $0, 2 }' two) >both
		hmm-score --runs 1 --bootstrap 50 both 2>/dev/null | cut -f 1-8 | cmp - <(cut -f 1-8 have)
	done
	run hmm-score "$golden/targets.value.tsv" "$golden/targets.time.tsv"
	[ "$status" = 1 ]
	[[ "$output" == *'targets.time.tsv: other columns of predictions (time) than in '*'targets.value.tsv (value), want the same of every run' ]]
}

@test "two systems: paired differences" {
	for kind in classes value time; do
		p="$golden/targets.$kind.tsv"
		case $kind in
		classes) awk -F '\t' -v OFS='\t' '{ t = $5; $5 = $8; $8 = t; if (NR > 1 && NR % 3 == 0) { t = $5; $5 = $6; $6 = t } } 1' "$p" >q ;;
		value) awk -F '\t' -v OFS='\t' 'NR > 1 && NR % 3 == 0 { $4 += 9 } 1' "$p" >q ;;
		time) awk -F '\t' -v OFS='\t' 'NR > 1 && NR % 3 == 0 { $6 = -$6; $7 = $8 = $9 = $10 = $11 = 1 } 1' "$p" >q ;;
		esac
		hmm-score --bootstrap 0 "$p" 2>/dev/null | awk -F '\t' '$1 == "train"' | cut -f 2,3 >first
		hmm-score --bootstrap 0 q 2>/dev/null | awk -F '\t' '$1 == "train"' | cut -f 2,3 >second
		hmm-score --split train --bootstrap 500 --against "$p" q >have 2>/dev/null
		tail -n +2 have | while IFS='	' read -r system metric n value other difference low high test rest; do
			grep -qxF "$metric	$value" first
			grep -qxF "$metric	$other" second
			[ "$test" = bootstrap ]
			awk -v a="$value" -v b="$other" -v d="$difference" -v l="$low" -v h="$high" \
				'BEGIN { exit !((a - b - d) ^ 2 < 1e-20 && l <= d && d <= h) }'
		done
		[ "$(wc -l <have)" -ge 4 ]
		hmm-score --split train --bootstrap 100 --against "$p" "$p" 2>/dev/null | tail -n +2 | cut -f 6,10 | sort -u >same
		[ "$(cat same)" = "$(table '0\t1')" ]
	done
	sed '1s/a b/c/; s/a b/c/' "$golden/targets.classes.tsv" >q
	run hmm-score --split train --against "$golden/targets.classes.tsv" q
	[ "$status" = 1 ]
	[[ "$output" == 'hmm-score: q: other classes than in '*'targets.classes.tsv, want the same' ]]
	table 'subject\tsplit\tlabel\tevent\trisk' 'a\ttest\t1\t1\t1' 'b\ttest\t2\t0\t0' >p
	run hmm-score --against p <(sed 's/0\t0$/1\t0/' p)
	[ "$status" = 1 ]
	[[ "$output" == *"split test: subject 'b' has label '2' and another event, want '2' as in p" ]]
	run hmm-score --against p <(sed 's/b\ttest\t2/b\ttest\t3/' p)
	[ "$status" = 1 ]
	[[ "$output" == *"split test: subject 'b' has label '3', want '2' as in p" ]]
	run hmm-score --against p --split test "$golden/targets.value.tsv"
	[ "$status" = 1 ]
	[[ "$output" == *'targets.value.tsv: predictions of value, want time as in p' ]]
}

@test "what a target does not have is refused by name" {
	for kind in classes value time; do
		p="$golden/targets.$kind.tsv"
		for option in '--threshold 0.5' '--net-benefit 0.1' '--prevalence 0.1'; do
			run hmm-score $option "$p"
			[ "$status" = 1 ]
			[[ "$output" == *"targets.$kind.tsv: predictions of $kind have no ${option% *}" ]]
		done
		run hmm-score --subsets "$p"
		[ "$status" = 1 ]
		[[ "$output" == *"predictions of $kind have no --subsets" ]]
		run hmm-score --power 0.1 "$p"
		[ "$status" = 1 ]
		[[ "$output" == *"and no 'probability': want predictions of two classes"* ]]
		for curve in roc pr decision risk; do
			run hmm-score --curve $curve "$p"
			[ "$status" = 1 ]
			[[ "$output" == *"predictions of $kind have no such --curve" ]]
		done
		run hmm-score --metrics slope "$p"
		[ "$status" = 1 ]
		[[ "$output" == *"predictions of $kind: --metrics: want names that the manual lists, with commas between them" ]]
	done
	for option in '--times 1' '--tau 1'; do
		run hmm-score $option "$golden/score.predictions.tsv"
		[ "$status" = 1 ]
		[[ "$output" == *"predictions of binary have no ${option% *}" ]]
	done
	run hmm-score --curve confusion "$golden/score.predictions.tsv"
	[ "$status" = 1 ]
	for wrong in '--times x' '--times 1,' '--times -1' '--metrics harrell,harrell' '--metrics harrell,acc' '--metrics nothing'; do
		run hmm-score $wrong "$golden/targets.time.tsv"
		[ "$status" = 2 ]
	done
	[ "$(hmm-score --bootstrap 0 --metrics uno --times 2 --split val "$golden/targets.time.tsv" | cut -f 2 | tr '\n' ' ')" = 'metric uno brier@2 ' ]
}

@test "tables that are not what they say" {
	bad() { # MESSAGE HEADER ROW...
		table "${@:2}" >p
		run hmm-score p
		[ "$status" = 1 ]
		[ "$output" = "hmm-score: p: $1" ]
	}
	bad "columns 'value' and 'risk': predictions of value and of time, want one kind" 'subject\tlabel\tvalue\trisk' 'a\t1\t2\t3'
	bad "columns 'probability' and 'probability_x': predictions of binary and of classes, want one kind" \
		'subject\tlabel\tprobability\tprobability_x' 'a\t1\t0.5\t0.5'
	bad "column 'probability_x' alone, want one of each class, two or more" 'subject\tlabel\tprobability_x' 'a\tx\t1'
	bad "row 1: the probabilities of 2 classes add up to 0.99999, want 1" 'subject\tlabel\tprobability_x\tprobability_y' 'a\tx\t0.5\t0.49999'
	bad "row 1: probability_x '1.5', want 0 to 1" 'subject\tlabel\tprobability_x\tprobability_y' 'a\tx\t1.5\t-0.5'
	bad "row 1: label 'z', want a class that has a column, as 'x' has" 'subject\tlabel\tprobability_x\tprobability_y' 'a\tz\t0.5\t0.5'
	bad "row 1: value 'n/a', want a number" 'subject\tlabel\tvalue' 'a\t1\tn/a'
	bad "row 1: label 'x', want a number or n/a" 'subject\tlabel\tvalue' 'a\tx\t1'
	bad "row 1: sd '0', want more than 0" 'subject\tlabel\tvalue\tsd' 'a\t1\t1\t0'
	bad "no column 'event' in its header" 'subject\tlabel\trisk' 'a\t1\t1'
	bad "row 1: event '2', want 0, 1 or n/a" 'subject\tlabel\tevent\trisk' 'a\t1\t2\t1'
	bad "row 1: label '-1', want a time, 0 or more, or n/a" 'subject\tlabel\tevent\trisk' 'a\t-1\t1\t1'
	bad "row 1: survival_10 is more than survival_9, want a share that does not rise" \
		'subject\tlabel\tevent\trisk\tsurvival_10\tsurvival_9' 'a\t1\t1\t1\t0.6\t0.5'
	bad "columns 'survival_1' and 'survival_1.0' are of one time" 'subject\tlabel\tevent\trisk\tsurvival_1\tsurvival_1.0' 'a\t1\t1\t1\t0.5\t0.5'
	bad "column 'survival_x': want a time behind 'survival_', 0 or more" 'subject\tlabel\tevent\trisk\tsurvival_x' 'a\t1\t1\t1\t0.5'
	# unless it is said which
	table 'subject\tlabel\tprobability\tvalue' 'a\t0\t0.2\t9' | hmm-score --probability probability --bootstrap 0 - 2>/dev/null | grep -q acc
	# unknown ones are left out, and counted
	table 'subject\tlabel\tevent\trisk' 'a\t1\t1\t1' 'b\t2\tn/a\t1' 'c\tn/a\t0\t1' 'd\t3\t1\t0' >p
	[ "$(hmm-score --bootstrap 0 --metrics harrell p 2>errors | tail -n 1)" = 'n/a	harrell	1	n/a	n/a	2	n/a	rows' ]
	grep -q '2 rows without a label are left out' errors
}
