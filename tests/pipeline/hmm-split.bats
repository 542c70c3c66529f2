#!/usr/bin/env bats

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	data="${HMM_DATA:-$BATS_TEST_DIRNAME/../../../shared/data}"
	cd "$BATS_TEST_TMPDIR"
}

table() {
	printf '%b\n' "$@"
}

# 100 patients of two subjects with two images each: 40 of label 1, 50 of 0, 6 of both, 4 unknown.
manifest() {
	awk 'BEGIN {
		print "subject\tmodality\tage\tlabel\tgroup\tpath\tnote"
		for (g = 0; g < 100; g++)
			for (s = 0; s < 2; s++)
				for (m = 0; m < 2; m++) {
					label = g < 40 ? 1 : g < 90 ? 0 : g < 96 ? s : "n/a"
					printf "s%02d-%d\tm%d\t%d\t%s\tg%02d\tp%d_%d_%d\tx \\t y\n", g, s, m, 50 + g, label, g, g, s, m
				}
	}' >manifest.tsv
}

# group, split, and the group's stratum, a line a group; a group in two parts gives two.
groups() {
	awk -F '\t' 'NR > 1 { g = substr($5, 2) + 0
		print $5, $NF, g < 40 ? 1 : g < 90 ? 0 : g < 96 ? "mixed" : "none" }' | sort -u
}

@test "a known answer: largest remainders in every stratum" {
	manifest
	hmm-split --ratio 6:1:3 -s 1 manifest.tsv | groups >have
	[ "$(wc -l <have)" -eq 100 ]
	cut -d ' ' -f 2,3 have | LC_ALL=C sort | uniq -c | awk '{ print $2, $3, $1 }' >counts
	table 'test 0 15' 'test 1 12' 'test mixed 2' 'test none 1' 'train 0 30' 'train 1 24' \
		'train mixed 4' 'train none 2' 'val 0 5' 'val 1 4' 'val none 1' >want
	cmp counts want
}

@test "an expected file: lines, columns and escapes stay, the split is added or replaced" {
	manifest
	hmm-split --ratio 8:2 -s 7 manifest.tsv >once
	cut -f 1-7 once | cmp - manifest.tsv
	[ "$(head -n 1 once | cut -f 8)" = split ]
	[ "$(cut -f 8 once | sort -u | tr '\n' ' ')" = "split test train " ]
	hmm-split --ratio 6:1:3 -s 8 once | hmm-split --ratio 8:2 -s 7 >twice
	cmp once twice
	table 'split\tsubject' 'old\ta' 'n/a\tb' >small
	hmm-split --ratio 1:1 small | cut -f 2 >have
	table subject a b >want
	cmp have want
}

@test "the same seed, whatever the order of the rows; another seed or repeat is another split" {
	manifest
	hmm-split --ratio 6:1:3 -s 3 manifest.tsv | sort >one
	{ head -n 1 manifest.tsv; tail -n +2 manifest.tsv | shuf --random-source=manifest.tsv; } |
		hmm-split --ratio 6:1:3 -s 3 - | sort >two
	cmp one two
	hmm-split --ratio 6:1:3 -s 4 manifest.tsv | sort | cmp -s - one && false
	hmm-split --ratio 6:1:3 -s 3 --repeat 1 manifest.tsv | sort | cmp -s - one && false
	hmm-split --ratio 6:1:3 -s 3 --repeat 0 manifest.tsv | sort | cmp - one
}

@test "folds: every group is tested once and validated once" {
	manifest
	for i in 1 2 3 4 5; do
		hmm-split --folds 5 --fold $i -s 2 manifest.tsv | groups >fold
		[ "$(wc -l <fold)" -eq 100 ]
		[ "$(grep -c ' test 1$' fold)" -eq 8 ]
		[ "$(grep -c ' test 0$' fold)" -eq 10 ]
		[ "$(grep -c ' val ' fold)" -eq 20 ]
		cat fold >>all
	done
	[ "$(grep -c ' test ' all)" -eq 100 ]
	[ "$(grep ' test ' all | sort -u | wc -l)" -eq 100 ]
	[ "$(grep ' val ' all | sort -u | wc -l)" -eq 100 ]
}

@test "parts that are not needed: no validation, no test" {
	manifest
	hmm-split --ratio 7:3 -s 1 manifest.tsv | cmp - <(hmm-split --ratio 7:0:3 -s 1 manifest.tsv)
	hmm-split --ratio 8:2:0 -s 1 manifest.tsv | groups | cut -d ' ' -f 2 | sort | uniq -c | awk '{ print $1, $2 }' >have
	table '80 train' '20 val' >want
	cmp have want
	hmm-split --ratio 1:0:0 manifest.tsv | groups | grep -vc ' train ' | grep -qx 0
	# a fold without validation has the same test part
	for i in 1 2 3 4 5; do
		hmm-split --folds 5 --fold $i -s 2 manifest.tsv | sed 's/\tval$/\ttrain/' >want
		hmm-split --folds 5 --fold $i --no-val -s 2 manifest.tsv | cmp - want
	done
	hmm-split --folds 2 --fold 2 --no-val -s 2 manifest.tsv | groups | cut -d ' ' -f 2 | sort | uniq -c | awk '{ print $1, $2 }' >have
	table '50 test' '50 train' >want
	cmp have want
}

@test "a part to calibrate on: the fourth number, or a fold" {
	manifest
	hmm-split --ratio 6:1:1:2 -s 1 manifest.tsv | groups | cut -d ' ' -f 2 | sort | uniq -c | awk '{ print $1, $2 }' >have
	table '10 cal' '20 test' '60 train' '10 val' >want
	cmp have want
	# 0 leaves it out: the split of three numbers, whose bytes stay what they were
	hmm-split --ratio 6:1:0:3 -s 1 manifest.tsv | cmp - <(hmm-split --ratio 6:1:3 -s 1 manifest.tsv)
	[ "$(hmm-split --ratio 6:1:3 -s 1 manifest.tsv | sha256sum | cut -c 1-16)" = 55c76f0155931975 ]
	for i in 1 2 3 4 5; do
		hmm-split --folds 5 --fold $i --cal -s 2 manifest.tsv >fold
		hmm-split --folds 5 --fold $i -s 2 manifest.tsv | cmp - <(sed 's/\tcal$/\ttrain/' fold)
		groups <fold | grep ' cal ' >>all
	done
	[ "$(sort -u all | wc -l)" = 100 ]
	[ "$(wc -l <all)" = 100 ]
	run hmm-split --ratio 6:1:1:2 <(table subject a b c)
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: 3 groups are too few for 6:1:1:2: none is left for val" ]
}

# The same with the groups' site: of 40 a, of 35 b, of 20 c, and of 5 it is not known.
sites() {
	manifest
	awk -F'\t' -v OFS='\t' '{ g = substr($5, 2) + 0
		print $0, NR == 1 ? "site" : g % 20 == 19 ? "n/a" : g % 20 < 8 ? "a" : g % 20 < 15 ? "b" : "c" }' manifest.tsv >sites.tsv
}

@test "a site is held out: it is the test, and the others are divided" {
	sites
	hmm-split --hold-out site=b --ratio 6:1 -s 1 sites.tsv >have 2>errors
	table "hmm-split: sites.tsv: the 35 groups of site 'b' are test" \
		"hmm-split: warning: sites.tsv: 5 groups have no site, and are among the others, whatever it may be" | cmp - errors
	awk -F'\t' 'NR > 1 { print $5, $8, $9 }' have | sort -u | awk '{ print $2, $3 }' | sort | uniq -c | awk '$3 == "test" || $2 == "b" { print $2, $3, $1 }' >counts
	table 'b test 35' >want
	cmp counts want
	awk -F'\t' 'NR > 1 { print $5, $9 }' have | sort -u | cut -d ' ' -f 2 | sort | uniq -c | awk '{ print $2, $1 }' >counts
	table 'test 35' 'train 56' 'val 9' >want
	cmp counts want
	# the order of the lines does not matter; a site by its number is the same
	{ head -n 1 sites.tsv; tail -n +2 sites.tsv | shuf --random-source=sites.tsv; } |
		hmm-split -q --hold-out site=b --ratio 6:1 -s 1 2>/dev/null | sort | cmp - <(sort have)
	hmm-split -q --hold-out site --fold 2 --ratio 6:1 -s 1 sites.tsv 2>/dev/null | cmp - have
	hmm-split -q --hold-out site=b --ratio 6:1:1 -s 1 sites.tsv 2>/dev/null | cut -f 9 | grep -c cal | grep -qx 32
	hmm-split -q --hold-out site=b --ratio 1 sites.tsv 2>/dev/null | cut -f 9 | sort -u | tr '\n' ' ' | grep -qx 'split test train '
}

@test "what cannot be held out: a value that is not there, a group of two, all there is" {
	sites
	run hmm-split -q --hold-out site=d --ratio 6:1 sites.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: sites.tsv: no group has site 'd': found a, b, c" ]
	run hmm-split -q --hold-out site --fold 4 --ratio 6:1 sites.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: sites.tsv: --fold: found 4, but site has 3 values: a, b, c" ]
	run hmm-split -q --hold-out scanner=x --ratio 6:1 sites.tsv
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'scanner'"* ]]
	sed '2s/a$/c/' sites.tsv >two
	run hmm-split -q --hold-out site=b --ratio 6:1 two
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: two: group 'g00' has site 'c' and 'a': nobody can be held out by it" ]
	# whichever value comes first
	awk -F'\t' -v OFS='\t' '$5 == "g10" && n++ { $NF = "a" } { print }' sites.tsv >two
	run hmm-split -q --hold-out site=b --ratio 6:1 two
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: two: group 'g10' has site 'b' and 'a': nobody can be held out by it" ]
	table 'subject\tsite' 'a\tx' 'b\tx' >one
	run hmm-split -q --hold-out site=x --ratio 6:1 one
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: 0 groups are too few for 6:1: none is left for train" ]
}

@test "a train part of one label is said" {
	table 'subject\tlabel' 'a\t0' 'b\t0' 'c\t0' 'd\t1' 'e\tn/a' >m
	hmm-split --ratio 1:2 m 2>errors | grep -q '^d	1	train'
	[ ! -s errors ]
	table 'subject\tlabel' 'a\t0' 'b\t0' 'c\t0' 'd\t1' 'e\t0' >m
	hmm-split --ratio 2:3 m 2>errors | grep -q '^d	1	test'
	grep -qx 'hmm-split: warning: m: train has no group of label 1; 1 of all groups have it' errors
	sed -i 's/\t1/\t0/' m
	hmm-split --ratio 1:2 m 2>&1 >have | grep -qx 'hmm-split: warning: m: train has no group of label 1; 0 of all groups have it'
	sed -i 's/\t0/\tn\/a/' m
	hmm-split --ratio 1:2 m 2>errors >have
	[ ! -s errors ]
}

@test "by subject: counted where groups come apart; and subjects where there is no group" {
	manifest
	hmm-split --by subject --ratio 1:1 manifest.tsv 2>errors >have
	[ "$(wc -l <have)" -eq 401 ]
	grep -q 'groups are in more than one part' errors
	table 'subject\tgroup' 'a\tg' 'b\tg' 'c\tn/a' 'd\tn/a' >small
	hmm-split --ratio 2:1 small 2>errors >have
	[ ! -s errors ]
	[ "$(sed -n 2p have | cut -f 3)" = "$(sed -n 3p have | cut -f 3)" ]
	table subject a b c | hmm-split --ratio 1:1:1 | cut -f 2 | sort | tr '\n' ' ' >have
	[ "$(cat have)" = "split test train val " ]
}

@test "empty input" {
	: >empty
	run hmm-split --ratio 6:1:3 empty
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: empty: empty, want a header line" ]
	table subject >header
	run hmm-split --ratio 6:1:3 header
	[ "$status" -eq 1 ]
	[[ "$output" = *"0 groups are too few"* ]]
}

@test "bad input: too few groups, a subject in two groups or with two labels, a path twice" {
	table subject a b c >few
	run hmm-split --ratio 6:1:3 few
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: 3 groups are too few for 6:1:3: none is left for val" ]
	run hmm-split --folds 4 --fold 1 few
	[ "$status" -eq 1 ]
	table 'subject\tgroup' 'a\tg' 'b\tg' 'a\th' >groups
	run hmm-split --ratio 1:1 groups
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: groups: subject 'a' has group 'g' in row 1 and 'h' in row 3" ]
	table 'subject\tlabel' 'a\t0' 'a\t1' >labels
	run hmm-split --ratio 1:1 labels
	[ "$status" -eq 1 ]
	table 'subject\tpath' 'a\tp' 'b\tp' >paths
	run hmm-split --ratio 1:1 paths
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: paths: path 'p' stands in rows 1 and 2" ]
	table 'name\tpath' 'a\tp' >columns
	run hmm-split --ratio 1:1 columns
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'subject'"* ]]
	run hmm-split --ratio 1:1 nowhere
	[ "$status" -eq 1 ]
}

@test "usage" {
	for options in "" "--ratio 6" "--ratio 0:0:0" "--ratio 6:-0:3" "--ratio 1:1 --no-val" "--folds 1 --fold 1 --no-val" "--ratio 1:2:3:4:5" "--ratio a:b" "--ratio 1:2:" \
		"--ratio -1:2" "--ratio 1:1 --folds 5 --fold 1" "--folds 2 --fold 1" "--folds 5" \
		"--folds 5 --fold 6" "--folds 3 --fold 1 --cal" "--ratio 1:1 --cal" "--hold-out site=a" "--hold-out site --ratio 6:1" \
		"--hold-out site=a --fold 1 --ratio 6:1" "--hold-out =a --ratio 6:1" "--hold-out site=a --ratio 6:1:1:2" "--hold-out site=a --ratio 0:1" \
		"--hold-out site=a --folds 5 --fold 1" "--ratio 1:1 --fold 1" "--ratio 1:1 --by path" "--ratio 1:1 a b"; do
		run hmm-split $options
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	hmm-split --help | grep -q '^usage: hmm-split --ratio'
}

@test "a full device" {
	manifest
	run bash -c 'hmm-split --ratio 1:1 manifest.tsv >/dev/full'
	[ "$status" -eq 1 ]
	[[ "$output" = *"standard output: cannot write"* ]]
}

@test "real data: TCGA-LGG, 66 11 33 patients" {
	[ -d "$data/lgg-bids" ] || skip "no $data/lgg-bids"
	hmm-manifest --bids "$data/lgg-bids" --label large_tumor | hmm-split --ratio 6:1:3 -s 1 >have
	tail -n +2 have | cut -f 4,5 | sort -u | cut -f 2 | sort | uniq -c | awk '{ print $1, $2 }' >counts
	table '33 test' '66 train' '11 val' >want
	cmp counts want
}

@test "permuted labels: the same ones, dealt anew among the subjects; whatever the order of the rows" {
	manifest
	hmm-split --ratio 6:1:3 -s 1 --permute-labels manifest.tsv >permuted.tsv
	labels() { tail -n +2 "$1" | cut -f 1,4 | sort -u; }
	# one label a subject, as many of each, n/a where it was
	[ "$(labels permuted.tsv | wc -l)" = 200 ]
	diff <(labels manifest.tsv | cut -f 2 | sort | uniq -c) <(labels permuted.tsv | cut -f 2 | sort | uniq -c)
	diff <(labels manifest.tsv | grep 'n/a') <(labels permuted.tsv | grep 'n/a')
	# about half of them change: 2 * 86/192 * 106/192 of 192
	changed=$(join -t $'\t' <(labels manifest.tsv) <(labels permuted.tsv) | awk -F'\t' '$2 != $3' | wc -l)
	[ "$changed" -gt 70 ]
	[ "$changed" -lt 120 ]
	# the split is that of the new labels, and all else stays
	diff <(cut -f 1-3,5- manifest.tsv) <(cut -f 1-3,5-7 permuted.tsv)
	{ head -n 1 manifest.tsv; tail -n +2 manifest.tsv | shuf --random-source=permuted.tsv; } |
		hmm-split --ratio 6:1:3 -s 1 --permute-labels | diff <(labels permuted.tsv) <(labels /dev/stdin)
	hmm-split --ratio 6:1:3 -s 2 --permute-labels manifest.tsv | diff <(labels permuted.tsv) <(labels /dev/stdin) && false
	hmm-split --ratio 6:1:3 -s 1 --repeat 1 --permute-labels manifest.tsv | diff <(labels permuted.tsv) <(labels /dev/stdin) && false
	cut -f 1-3,5- manifest.tsv >unlabelled.tsv
	run hmm-split --ratio 6:1:3 --permute-labels unlabelled.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-split: unlabelled.tsv: no column 'label' in its header" ]
}
