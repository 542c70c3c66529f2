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

@test "a known answer" {
	table 'subject\tlabel\tprobability' 'a\t0\t0.25' 'b\t1\t0.75' 'c\t1\t0.25' 'd\t0\t0.5' >predictions
	hmm-score --bootstrap 0 predictions >have
	table 'split\tmetric\tvalue\tlow\thigh\tn' 'n/a\tacc\t0.75\tn/a\tn/a\t4' 'n/a\tauc\t0.625\tn/a\tn/a\t4' \
		'n/a\tauc_hard\t0.75\tn/a\tn/a\t4' 'n/a\tf1\t0.666666666667\tn/a\tn/a\t4' \
		'n/a\tprecision\t1\tn/a\tn/a\t4' 'n/a\trecall\t0.5\tn/a\tn/a\t4' \
		'n/a\tbrier\t0.234375\tn/a\tn/a\t4' >want
	cmp have want
}

@test "an expected file: scikit-learn's metrics" {
	hmm-score --bootstrap 0 "$golden/score.predictions.tsv" >have 2>errors
	agrees have "$golden/score.expected.tsv"
	hmm-score --bootstrap 0 --threshold 0.3 "$golden/score.predictions.tsv" >have 2>/dev/null
	agrees have "$golden/score.threshold.tsv"
	grep -q '1 rows without a label are left out' errors
	grep -q 'split a one: all 6 labels are 1; auc and auc_hard are n/a' errors
	grep -q 'split b zero: nothing predicted positive; precision is 0, and f1$' errors
	grep -q 'split b zero: no positive label; recall is 0' errors
	grep -q 'split c none called: nothing predicted positive; precision is 0$' errors
	grep -q 'split d saturated: 5 probabilities are exactly 0 or 1 for both labels' errors
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
			table "s$i\tg$((i % 2))\t$((i % 4 / 2))\t0.$((i % 2 * 4 + 3))"
		done
	} >predictions
	hmm-score predictions | awk '$2 == "acc" || $2 == "brier" { print $2, $3, $4, $5 }' >have
	table 'acc 0.5 0.5 0.5' 'brier 0.29 0.29 0.29' >want
	cmp have want
	cut -f 1,3,4 predictions | hmm-score | awk '$2 == "acc" { exit !($4 < 0.4 && $5 > 0.6) }'
}

@test "rows that repeat a subject are counted" {
	table 'subject\tsplit\tlabel\tprobability' 'a\tval\t0\t0.2' 'a\tval\t0\t0.3' 'a\ttest\t1\t0.9' 'b\tval\t1\t0.9' >p
	hmm-score p 2>errors | grep -q '^val	acc	1	1	1	3$'
	grep -q 'split val: 1 rows repeat a subject' errors
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
		[ "$output" = "hmm-score: bad: row 2: probability '$p', want 0 to 1" ]
	done
	table 'subject\tlabel\tprobability' 'a\tyes\t0.5' >bad
	run hmm-score bad
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-score: bad: row 1: label 'yes', want 0, 1 or n/a" ]
	table 'subject\tlabel\tlogit' 'a\t1\t0.5' >bad
	run hmm-score bad
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'probability'"* ]]
	table 'subject\tgroup\tlabel\tprobability' 'n/a\tg\t1\t0.5' >bad
	run hmm-score bad
	[ "$status" -eq 1 ]
	[[ "$output" = *"row 1: no subject"* ]]
}

@test "usage" {
	for options in "--threshold 1.5" "--threshold x" "--bootstrap -1" "--bootstrap 99999999" "-s x" "a b" "--odd"; do
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
