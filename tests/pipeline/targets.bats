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
		$1 != $5 || $2 != $6 || $4 != $8 || ($3 == "n/a") != ($7 == "n/a") { bad = 1 }
		$1 != "split" && ($3 - $7 > 1e-10 || $7 - $3 > 1e-10) { bad = 1 } END { exit bad || NR < 9 }'
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
	# one label more that is not known
	awk -F '\t' -v OFS='\t' '$1 == "train7" { $4 = "n/a" } 1' "$golden/targets.classes.tsv" >classes
	awk -F '\t' -v OFS='\t' '{ print $1, $2, $3, NR == 1 || $4 == "n/a" ? $4 : $4 == "a b", NR == 1 ? "probability" : $8 }' \
		classes >binary
	hmm-score --bootstrap 200 --net-benefit 0.2 --threshold 0.3 --prevalence 0.2 binary >want 2>/dev/null
	hmm-score --bootstrap 200 --net-benefit 0.2 --threshold 0.3 --prevalence 0.2 --class 'a b' \
		classes 2>/dev/null | cmp - want
	hmm-score --curve roc --bootstrap 100 binary >want 2>/dev/null
	hmm-score --curve roc --bootstrap 100 --class 'a b' classes 2>/dev/null | cmp - want
	hmm-score --runs 2 --bootstrap 100 binary binary >want 2>/dev/null
	hmm-score --runs 2 --bootstrap 100 --class 'a b' classes classes \
		2>/dev/null | cmp - want
	run hmm-score --class V "$golden/targets.classes.tsv"
	[ "$status" = 1 ]
	[[ "$output" == *"targets.classes.tsv: no class 'V', found II, III, IV, a b" ]]
	run hmm-score --class V binary
	[ "$status" = 1 ]
	[ "$output" = 'hmm-score: binary: --class: predictions of binary, want classes' ]
	run hmm-score --class V --tau 1 binary
	[ "$status" = 2 ]
	run hmm-score --class II --probability x binary
	[ "$status" = 1 ]
	[ "$output" = "hmm-score: binary: no column 'x' in its header" ]
	# another prefix
	sed '1s/probability_/mean_/g' classes >means
	hmm-score --bootstrap 0 --probability mean means 2>/dev/null | cmp - <(hmm-score --bootstrap 0 classes 2>/dev/null)
	hmm-score --bootstrap 0 --probability mean --class II means 2>/dev/null | cmp - <(hmm-score --bootstrap 0 --class II classes 2>/dev/null)
}

@test "classes: a macro mean is of the same classes in every replicate and run" {
	# 300 rows of a and b, some of which are called d
	(table 'subject\tlabel\tprobability_a\tprobability_b\tprobability_d'
		for i in $(seq 300); do
			own='0.8\t0.1\t0.1' other='0.1\t0.8\t0.1'
			[ $((i % 2)) = 0 ] || { own='0.1\t0.8\t0.1' other='0.8\t0.1\t0.1'; }
			[ $((i % 5)) != 0 ] || own=$other
			[ $((i % 50)) != 7 ] || own='0.1\t0.1\t0.8'
			table "s$i\t$([ $((i % 2)) = 0 ] && echo a || echo b)\t$own"
		done) >p
	hmm-score --bootstrap 200 p 2>errors >have
	[ "$(cat errors)" = "hmm-score: warning: p: split n/a: no row of class 'd'; its recall and f1 are 0, and the areas are of the others" ]
	awk -F '\t' 'NR > 1 && $2 !~ /ece|auc/ && !($4 <= $3 && $3 <= $5 && $4 < $5) { exit 1 }' have
	# a class that has one row, which a third of the replicates lack
	(grep -v '0.8$' p; table 't\td\t0.1\t0.1\t0.8') | hmm-score --bootstrap 200 2>/dev/null --metrics f1_macro,precision_macro,recall_macro |
		awk -F '\t' 'NR > 1 && !($4 <= $3 && $3 <= $5) { bad = 1 } $2 == "recall_macro" && !($4 < 0.7 && $5 > 0.8) { bad = 1 } END { exit bad }'
	# the same as two runs
	(awk -v OFS='\t' '{ print $0, NR == 1 ? "run" : 1 }' p; awk -v OFS='\t' 'NR > 1 { print $0, 2 }' p) >both
	hmm-score --bootstrap 200 both 2>/dev/null | cut -f 1-5 | grep -v ece | cmp - <(cut -f 1-5 have | grep -v ece)
	# scikit-learn's of three rows
	table 'subject\tlabel\tprobability_a\tprobability_b\tprobability_d' 'x\ta\t0.5\t0.3\t0.2' 'y\tb\t0.1\t0.3\t0.6' \
		'z\tb\t0.2\t0.7\t0.1' >p
	for runs in 'p' 'p p'; do
		[ "$(hmm-score --bootstrap 0 --metrics f1_macro,recall_macro $runs 2>/dev/null | cut -f 3 | tr '\n' ' ')" = 'value 0.555555555556 0.5 ' ]
	done
}

@test "what has no value is n/a with one warning, and not the mean of other runs" {
	warned() { # TABLE METRICS VALUES MESSAGE [OPTION...]
		hmm-score --bootstrap 0 --metrics "$2" "${@:5}" "$1" 2>errors >have
		[ "$(tail -n +2 have | cut -f 3 | paste -s -d ' ')" = "$3" ]
		[ "$(grep -c warning errors)" = 1 ]
		grep -qF "$4" errors
	}
	table 'subject\tlabel\tprobability_a\tprobability_b\trun' 'x\ta\t0.6\t0.4\t1' 'y\tb\t1\t0\t1' 'z\tb\t0.2\t0.8\t1' \
		'x\ta\t0.7\t0.3\t2' 'y\tb\t0.1\t0.9\t2' 'z\tb\t0.2\t0.8\t2' >p
	warned p log_loss n/a '1 of 6 labels have probability 0; log_loss is n/a'
	[ "$(hmm-score --runs 1 --bootstrap 0 --metrics log_loss p 2>/dev/null | cut -f 10 | tail -n 1)" = n/a ]
	grep -v '2$' p | cut -f 1-4 >one
	warned one log_loss n/a '1 of 3 labels have probability 0; log_loss is n/a'
	hmm-score --bootstrap 0 --metrics acc one 2>&1 | grep -c warning | grep -qx 0
	table 'subject\tlabel\tprobability\trun' 'x\t0\t1\t1' 'y\t1\t0.4\t1' 'x\t0\t0.3\t2' 'y\t1\t0.8\t2' >p
	warned p log_loss n/a '1 probabilities are exactly 0 or 1'
	table 'subject\tlabel\tprobability_a\tprobability_b' 'x\ta\t0.6\t0.4' 'y\ta\t0.7\t0.3' >p
	hmm-score --bootstrap 0 --metrics kappa p 2>errors | grep -q 'kappa	n/a'
	[ "$(grep -c 'all labels are one class, and predicted to be; kappa is n/a' errors)" = 1 ]
	table 'subject\tlabel\tvalue' 'x\t1e308\t-1e308' 'y\t-1e308\t1e308' 'z\t0\t1' >p
	warned p mae,rmse 'n/a n/a' 'the errors are too large for their sums; what is made of these is n/a'
	table 'subject\tlabel\tevent\trisk\tsurvival_0' 'x\t3\t1\t1\t0.9' 'y\t4\t0\t0\t0.9' >p
	warned p integrated_brier n/a 'the last survival_T, the last row or tau is at 0; integrated_brier is n/a'
	warned p uno n/a 'nobody is seen longer than an event that is not behind 2; uno is n/a' --tau 2
	warned <(sed 's/4\t0/3\t1/' p) harrell n/a 'nobody is seen longer than an event; harrell is n/a'
}

@test "a time: nothing behind the last row counts, and a risk is no part of the Brier score" {
	table 'subject\tlabel\tevent\trisk\tsurvival_1\tsurvival_50' 'a\t1\t0\t0\t0.9\t0.4' 'b\t2\t1\t2\t0.85\t0.35' 'c\t4\t1\t4\t0.8\t0.3' \
		'd\t8\t1\t1\t0.75\t0.25' 'e\t10\t0\t1\t0.7\t0.2' >p
	brier() {
		hmm-score --bootstrap 0 --metrics integrated_brier "$@" p | tail -n 1 | cut -f 3
	}
	[ "$(brier --tau 40)" = "$(brier --tau 10)" ]
	[ "$(brier --tau 10)" != "$(brier --tau 9)" ]
	# S is one up to 1; then by hand, G 0.8 from 1 and 0 of nobody from 10
	awk -v have="$(brier --tau 40)" 'BEGIN {
		area = 1 * (.15 ^ 2 + .2 ^ 2 + .25 ^ 2 + .3 ^ 2) / .8 + 2 * (.85 ^ 2 + .2 ^ 2 + .25 ^ 2 + .3 ^ 2) / .8
		area += 4 * (.85 ^ 2 + .8 ^ 2 + .25 ^ 2 + .3 ^ 2) / .8 + 2 * (.85 ^ 2 + .8 ^ 2 + .75 ^ 2 + .3 ^ 2) / .8
		exit !((area / 50 - have) ^ 2 < 1e-20) }'
	# many rows of one patient and time, so that a risk could order them
	awk 'BEGIN { OFS = "\t"; print "subject", "group", "label", "event", "risk", "survival_1", "survival_5"
		srand(2)
		for (i = 0; i < 90; i++) { s = rand(); print "s" i, "g" i % 3, i % 4 + 2, (i % 5 > 1), rand(), s, s * rand() } }' >p
	awk -F '\t' -v OFS='\t' 'NR > 1 { $5 = -$5 } 1' p >q
	sed -i '1s/$/\tsplit/; 1!s/$/\ttest/' p q
	hmm-score --bootstrap 300 --metrics integrated_brier --against p q 2>/dev/null | tail -n 1 | cut -f 6 >have
	[ "$(cat have)" = 0 ]
}

@test "what would do nothing, and what is given twice, is refused" {
	p="$golden/targets.time.tsv"
	misused() { # MESSAGE ARGUMENT...
		run "${@:2}"
		[ "$status" = 2 ]
		[[ "${lines[0]}" == *"$1"* ]]
	}
	misused '--tau does nothing without uno or integrated_brier' hmm-score --tau 5 --metrics harrell "$p"
	misused '--tau does nothing without uno or integrated_brier' hmm-score --tau 5 --metrics harrell --times 1 "$p"
	misused '--tau does nothing with --curve' hmm-score --tau 5 --curve calibration --times 1 "$p"
	misused '--times: a time stands there twice' hmm-score --times 1,1.0,2 "$p"
	misused '--tau is given twice' hmm-score --tau 1 --tau 5 "$p"
	misused '--class is given twice' hmm-score --class II --class III "$golden/targets.classes.tsv"
	misused '--target is given twice' hmm-split --ratio 1:1 --target time --target value "$p"
	hmm-score --bootstrap 0 --tau 5 --metrics uno "$p" >/dev/null 2>&1
	# which is more than one list
	hmm-score --bootstrap 0 --by label,risk --bins label=2,4 --bins risk=quartiles "$p" >/dev/null 2>&1
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
				bad = 1
		} END { exit bad || n < 5 }'
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

# ---- manifests ----

# N subjects with a label of five classes, a value, or a time and an event.
manifest() { # KIND N
	awk -v kind="$1" -v n="$2" 'BEGIN {
		srand(3); OFS = "\t"
		print "subject", "modality", "label", "group", "split", "path", kind == "time" ? "event" : "site"
		split("I II III IV V", class, " ")
		for (i = 0; i < n; i++) {
			k = i % 7 < 3 ? 1 : i % 7 < 5 ? 2 : 3 + int(3 * rand())
			print sprintf("s%03d", i), "MRI", kind == "classes" ? class[k] : kind == "value" ? rand() - 0.5 : int(40 * rand()),
				"n/a", "n/a", i ".nii.gz", kind == "time" ? rand() < 0.4 : "x"
		}
	}'
}

@test "manifest: names, numbers, and times with events" {
	mkdir -p tree/sub-a/anat tree/sub-b/anat tree/sub-c/anat
	for s in a b c; do : >tree/sub-$s/anat/sub-${s}_T1w.nii.gz; done
	table 'participant_id\tdx\tage\tmonths\tstatus\tevent' 'sub-a\tAD\t70.5\t12\tdead\tx' 'sub-b\t CN \t64\t0\talive\ty' \
		'sub-c\tn/a\tNA\t7\tn/a\tz' >tree/participants.tsv
	hmm-manifest --bids tree --target classes --label dx >have 2>said
	[ "$(cut -f 1,3 have | tail -n 3 | tr '\t\n' '= ')" = 'sub-a=AD sub-b=CN sub-c=n/a ' ]
	[ "$(cat said)" = 'hmm-manifest: label dx: AD (1 subject), CN (1), none (1)' ]
	hmm-manifest --bids tree --target value --label age >have 2>said
	[ "$(cut -f 1,3 have | tail -n 3 | tr '\t\n' '= ')" = 'sub-a=70.5 sub-b=64 sub-c=n/a ' ]
	[ "$(cat said)" = 'hmm-manifest: label age: 2 numbers from 64 to 70.5, none (1)' ]
	hmm-manifest --bids tree --target time --label months --event status --positive dead --negative alive >have 2>said
	# the participants' own column of that name gives way
	[ "$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } { printf "%s=%s=%s ", $1, $at["label"], $at["event"] }' have)" = \
		'subject=label=event sub-a=12=1 sub-b=0=0 sub-c=7=n/a ' ]
	[ "$(awk -F '\t' '{ print NF }' have | sort -u)" = "$(sed 1q have | awk -F '\t' '{ print NF }')" ]
	[ "$(cat said)" = 'hmm-manifest: label months: 3 times from 0 to 12
hmm-manifest: event status: dead -> 1 (1 subject), alive -> 0 (1), none (1: n/a)' ]
	# a folder with a table; what is missing there is warned of once
	mkdir images
	for s in a b c d; do : >images/$s.png; done
	table 'subject,t,e' 'a,3,1' 'b,4,0' 'c,5.5,1' 'x,1,1' >labels.csv
	hmm-manifest --folder images --pattern '{subject}.png' --labels labels.csv --target time --label t --event e >have 2>said
	[ "$(cut -f 1,3,7 have | tr '\t\n' '= ')" = 'subject=label=event a=3=1 b=4=0 c=5.5=1 d=n/a=n/a ' ]
	[ "$(grep -c warning said)" = 2 ]
	mkdir -p kinds/benign kinds/other
	: >kinds/benign/a.png
	: >kinds/other/b.png
	hmm-manifest --folder kinds --pattern '{label}/{subject}.png' --target classes 2>/dev/null | cut -f 1,3 | tail -n 2 | tr '\t\n' '= ' >have
	[ "$(cat have)" = 'a=benign b=other ' ]
	sed -i 's/a,3/a,-3/; s/b,4/b,soon/' labels.csv
	run hmm-manifest --folder images --pattern '{subject}.png' --labels labels.csv --target time --label t --event e
	[ "$status" = 1 ]
	[[ "$output" == *"labels.csv: column 't': found '-3', want a time, 0 or more" ]]
	run hmm-manifest --folder images --pattern '{subject}.png' --labels labels.csv --target value --label t
	[ "$status" = 1 ]
	[[ "$output" == *"labels.csv: column 't': found 'soon', want a number" ]]
	for wrong in '--target value' '--target classes --label dx --positive AD' '--target value --label age --event dx' '--label dx --event status'; do
		run hmm-manifest --bids tree $wrong
		[ "$status" = 2 ]
	done
}

@test "split: every class gets its share in every part" {
	manifest classes 173 >m
	hmm-split --target classes --ratio 6:1:1:2 -s 3 m >have
	cut -f 3,5 have | awk -F '\t' 'NR > 1 { n[$1]++; all++; have[$1 " " $2]++; part[$2]++ }
		function off(is, share) { return is - share >= 1 || share - is >= 1 }
		END {
			share["train"] = .6; share["val"] = share["cal"] = .1; share["test"] = .2
			for (p in share) {
				bad += off(part[p], share[p] * all)
				for (c in n) bad += off(have[c " " p], share[p] * n[c])
			}
			exit bad || all != 173
		}'
	hmm-split --target classes --ratio 6:1:1:2 -s 3 <(shuffled m) | tail -n +2 | sort | cmp - <(tail -n +2 have | sort)
	hmm-split --target classes --ratio 6:1:1:2 -s 4 m | cmp -s - have && false
	for fold in 1 2 3; do
		hmm-split --target classes --folds 3 --fold $fold m | awk -F '\t' '$5 == "test"' >fold$fold
	done
	[ "$(cat fold? | cut -f 1 | sort -u | wc -l)" = 173 ]
	for class in I II III IV V; do
		awk -F '\t' -v c=$class '$3 == c { n[FILENAME]++ } END { for (f in n) { if (!low || n[f] < low) low = n[f]; if (n[f] > high) high = n[f] }
			exit high - low > 1 }' fold1 fold2 fold3
	done
	# a class that train has none of
	table 'subject\tlabel' 'a\tx' 'b\ty' 'c\tx' 'd\tz' >m
	hmm-split --target classes --ratio 1:1 m 2>&1 >/dev/null | grep -q "m: train has no group of class '[yz]'"
	run hmm-split --ratio 1:1 m
	[ "$status" = 1 ]
	[[ "$output" == *"row 1: label 'x', want 0, 1 or n/a"* ]]
	# the default is binary
	table 'subject\tlabel' 'a\t0' 'b\t1' 'c\t1' 'd\t0' >m
	hmm-split --target binary --ratio 1:1 m | cmp - <(hmm-split --ratio 1:1 m)
}

@test "split: values and times in blocks of neighbours" {
	manifest value 200 >m
	hmm-split --target value --ratio 6:1:3 -s 1 m >have
	# each ten neighbours are 6, 1 and 3
	tail -n +2 have | sort -t '	' -g -k 3,3 | awk -F '\t' '{ n[$5]++ }
		NR % 10 == 0 { bad += n["train"] != 6 || n["val"] != 1 || n["test"] != 3; split("", n) } END { exit bad || NR != 200 }'
	hmm-split --target value --ratio 6:1:3 -s 1 <(shuffled m) | tail -n +2 | sort | cmp - <(tail -n +2 have | sort)
	hmm-split --target value --ratio 6:1:3 -s 2 m | cmp -s - have && false
	manifest time 203 >m
	hmm-split --target time --ratio 6:1:3 -s 1 m >have
	tail -n +2 have | sort -t '	' -k 7,7 -k 3,3n -k 1,1 | awk -F '\t' '{ n[$5]++ }
		NR % 10 == 0 { bad += n["train"] != 6 || n["val"] != 1 || n["test"] != 3; split("", n) } END { exit bad || NR != 203 }'
	for fold in 1 2 3 4 5; do
		hmm-split --target time --folds 5 --fold $fold -s 1 m | awk -F '\t' '$5 == "test" { n++; e += $7; t += $3 } END { print n, e, t / n }'
	done >folds
	awk '{ if (NR == 1 || $2 < low) low = $2; if ($2 > high) high = $2; if ($3 < 16 || $3 > 23) bad = 1 } END { exit bad || high - low > 2 }' folds
	[ "$(cut -d ' ' -f 1 folds | sort -u | tr '\n' ' ')" = '40 41 ' ]
	# a time goes with its event
	hmm-split --target time --ratio 1:1 --permute-labels m >have
	cmp -s <(cut -f 3 m) <(cut -f 3 have) && false
	cmp <(cut -f 3,7 m | sort) <(cut -f 3,7 have | sort)
	run hmm-split --target time --ratio 1:1 <(cut -f 1-6 m)
	[ "$status" = 1 ]
	[[ "$output" == *"no column 'event'"* ]]
	run hmm-split --target time --ratio 1:1 <(sed 's/1$/2/' m)
	[ "$status" = 1 ]
	table 'subject\tlabel\tevent' 'a\t1\t1' 'a\t1\t0' >m
	run hmm-split --target time --ratio 1:1 m
	[ "$status" = 1 ]
	[[ "$output" == *"m: subject 'a' has event '1' in row 1 and '0' in row 2" ]]
}

@test "split: groups of several labels, and of an event" {
	# a group of two classes is a stratum of its own, and an unknown label says nothing
	(table 'subject\tgroup\tlabel'
		for i in $(seq 40); do table "a$i\tg$i\tx" "b$i\tg$i\t$([ $((i % 4)) = 0 ] && echo y || echo x)" "c$i\tg$i\tn/a"; done
		for i in $(seq 20); do table "d$i\th$i\ty"; done) >m
	for seed in 1 2 3 4 5 6; do
		hmm-split --target classes --ratio 1:1 -s $seed m | awk -F '\t' 'NR > 1 && $4 == "test" { n[substr($1, 1, 1) $3]++ }
			END { exit n["by"] != 5 || n["bx"] != 15 || n["dy"] != 10 || n["cn/a"] != 20 }'
	done
	# of a group's subjects the one with an event counts: ten groups of events, then ten without
	(table 'subject\tgroup\tlabel\tevent'
		for i in $(seq 10); do table "a$i\tg$i\t9\t0" "b$i\tg$i\t1\t1" "c$i\th$i\t$((i % 2 * 20))\t0"; done) >m
	for seed in 1 2 3 4 5 6; do
		hmm-split --target time --ratio 1:1 -s $seed m | awk -F '\t' 'NR > 1 && $5 == "test" { n[substr($1, 1, 1)]++ }
			END { exit n["b"] != 5 || n["c"] != 5 }'
	done
}

@test "check and drop: labels of every target" {
	manifest classes 60 | hmm-split --target classes --ratio 6:1:3 >m
	hmm-check --no-images --target classes m >have || true
	[ "$(cut -f 1 have | sort -u | tr '\n' ' ')" = 'check split-labels ' ]
	run hmm-check --no-images m
	[ "$status" = 1 ]
	[[ "$output" == *"want 0, 1 or n/a"* ]]
	# a part that lacks a class, a subject of two, a modality that tells one
	awk -F '\t' -v OFS='\t' '$5 != "val" || $3 != "I"' m >lacks
	without=$(for class in I II III IV V; do awk -F '\t' '$5 == "val" { print $3 }' lacks | grep -qx $class || echo $class; done | paste -s -d ,)
	hmm-check --no-images --target classes lacks | grep -qxF "split-labels	warning	val	no line of ${without//,/, }"
	(cat m; sed -n '2s/.nii.gz/b.nii.gz/; 2s/\t\(I*V*\)\t/\tother\t/p' m) >two
	run hmm-check --no-images --target classes two
	[[ "$output" == *'subject-labels	error	s000	labels '* ]]
	(cat m; awk -F '\t' -v OFS='\t' '$3 == "II" { $2 = "PET"; $6 = "pet" $6; print }' m) >tells
	run hmm-check --no-images --target classes tells
	[[ "$output" == *'presence	warning	PET	missing in 0 of '*' subjects of label II and '*' of others: p = '* ]]
	# of a value the halves, of a time the event
	manifest value 60 | hmm-split --target value --ratio 6:1:3 >m
	(cat m; awk -F '\t' -v OFS='\t' 'NR > 1 && $3 > 0 { $2 = "PET"; $6 = "pet" $6; print }' m) >tells
	run hmm-check --no-images --target value tells
	[[ "$output" == *'presence	warning	PET	missing in '*' subjects of a label below '*' of one of '*' or more: p = '* ]]
	manifest time 60 | hmm-split --target time --ratio 6:1:3 >m
	(cat m; awk -F '\t' -v OFS='\t' 'NR > 1 && $7 { $2 = "PET"; $6 = "pet" $6; print }' m) >tells
	run hmm-check --no-images --target time tells
	[[ "$output" == *'presence	warning	PET	missing in '*' subjects of event 0 and 0 of '*' of event 1: p = '* ]]
	run hmm-check --no-images --all --target time m
	[[ "$output" == *'presence	ok	manifest	nothing found'* ]]
	hmm-drop --target time --modality PET --rate 0.5 tells >have
	[ "$(grep -c PET have)" -lt "$(grep -c PET tells)" ]
	run hmm-drop --modality PET --rate 0.5 <(sed 's/^\(s0..\tMRI\t\)/\17/' tells)
	[ "$status" = 1 ]
	run hmm-drop --target time --label 1 --modality PET --rate 0.5 tells
	[ "$status" = 2 ]
}

@test "calibrate: a temperature of classes, and sets of classes" {
	# each subject by itself
	awk -F '\t' -v OFS='\t' '{ $2 = NR == 1 ? "site" : $2; sub("train", "cal", $3); sub("val", "test", $3) }
		NR == 1 || $3 == "cal" || $1 ~ /^val/' "$golden/targets.classes.tsv" >p
	hmm-calibrate --conformal all p >each 2>said
	grep -q 'split cal: 150 patients' said
	hmm-calibrate --conformal all --labels together --alpha 0.25 p >together 2>/dev/null
	[ "$(sed 1q each)" = "$(sed 1q p)	calibrated_II	calibrated_III	calibrated_IV	calibrated_a b	set	set_by" ]
	cmp <(cut -f 1-8 each) p
	paste each together | awk -F '\t' -v OFS='\t' 'NR > 1 && $3 == "test" { print $1, $9, $10, $11, $12, $13, $27 }' | sort >have
	tail -n +2 "$golden/targets.calibrated.tsv" | sort | paste have - | awk -F '\t' '
		$1 != $8 || $6 != $13 || $7 != $14 { bad = 1 }
		{ for (i = 2; i < 6; i++) if (($i - $(i + 7)) ^ 2 > 4e-18) bad = 1 } END { exit bad || NR != 61 }'
	[ "$(awk -F '\t' '$3 == "cal"' each | cut -f 13,14 | sort -u)" = 'n/a	n/a' ]
	# they can be scored, and calibrated again
	hmm-score --bootstrap 0 --split test --probability calibrated --metrics acc,log_loss each >score
	hmm-score --bootstrap 0 --split test --metrics acc p | cut -f 2,3 | cmp - <(grep -v log_loss score | cut -f 2,3)
	hmm-calibrate --conformal all each 2>/dev/null | cmp - each
	# own patterns are enough of no class, or of each
	awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "modalities" : NR % 5 ? "MRI" : "PET" }' p >patterns
	hmm-calibrate --alpha 0.3 patterns >have 2>said
	grep -q 'pattern MRI: [0-9]* sets by own, 1[0-9]* patients' said
	hmm-calibrate patterns >have 2>said
	awk -F '\t' '$9 == "PET" && $3 == "test" && ($15 != "too-few" || $14 != "II+III+IV+a b") { exit 1 }' have
	grep -q 'pattern PET: [0-9]* sets are all classes, for want of 9 patients of each class with it' said
	for option in --per-pattern '--threshold 0.5' '--method platt' '--report r'; do
		run hmm-calibrate $option p
		[ "$status" = 1 ]
		[[ "$output" == *'p: predictions of classes have no --'* ]]
	done
	run hmm-calibrate --on p p
	[ "$status" = 1 ]
	[[ "$output" == *"want predictions of two classes"* ]]
	run hmm-calibrate "$golden/targets.value.tsv"
	[ "$status" = 1 ]
	[[ "$output" == *'predictions of value have no calibration' ]]
	table 'subject\tsplit\tlabel\tprobability_a\tprobability_b' 'x\tcal\ta\t0.7\t0.3' 'y\tcal\tb\t0.2\t0.8' 'z\ttest\tb\t0.2\t0.8' >p
	run hmm-calibrate p
	[ "$status" = 1 ]
	[[ "$output" == *'the largest probability is right for all 2 patients, or for none: there is no best temperature' ]]
	run hmm-calibrate <(sed 's/0.2\t0.8/0\t1/' p)
	[ "$status" = 1 ]
	[[ "$output" == *'row 2: probability_a 0, want more' ]]
}
