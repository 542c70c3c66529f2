#!/usr/bin/env bats

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	data="${HMM_DATA:-$BATS_TEST_DIRNAME/../../../shared/data}"
	cd "$BATS_TEST_TMPDIR"
}

table() {
	printf '%b\n' "$@"
}

# 60 subjects with MRI and two PETs, the first 6 without MRI; a third of them each in train, val and test.
manifest() {
	awk 'BEGIN {
		print "note\tsubject\tmodality\tsplit\tpath"
		split("train val test", names, " ")
		for (s = 0; s < 60; s++)
			for (m = s < 6 ? 1 : 0; m < 3; m++)
				printf "x \\t y\ts%02d\t%s\t%s\tp%d_%d\n", s, m ? "trc-" m "_pet" : "T1w", names[s % 3 + 1], s, m
	}' >manifest.tsv
}

subjects_with() {
	awk -F '\t' -v m="$1" '$3 ~ m { print $4, $2 }' | sort -u
}

@test "a known answer: half of those that have it, in every split, with all their lines" {
	manifest
	hmm-drop --modality '*_pet' --rate 0.5 -s 1 manifest.tsv 2>errors >have
	[ ! -s errors ]
	subjects_with pet <have | cut -d ' ' -f 1 | sort | uniq -c | awk '{ print $1, $2 }' >counts
	table '10 test' '10 train' '10 val' >want
	cmp counts want
	[ "$(grep -c pet have)" -eq 60 ]
	[ "$(grep -c T1w have)" -eq 54 ]
	[ "$(tail -n +2 have | cut -f 2 | sort -u | wc -l)" -eq 60 ]
}

@test "an expected file: what stays is unchanged and in its order" {
	manifest
	hmm-drop --modality T1w --rate 0 manifest.tsv | cmp - manifest.tsv
	hmm-drop --modality T1w --rate 0.4 -s 2 manifest.tsv >have
	[ "$(grep -c T1w have)" -eq 33 ]
	grep -Fxf have manifest.tsv | cmp - have
	grep -v T1w manifest.tsv >want
	hmm-drop --modality T1w --rate 1 <manifest.tsv | cmp - want
}

@test "only in the splits that are named" {
	manifest
	hmm-drop --modality T1w --rate 1 --split val,test manifest.tsv | subjects_with T1w >have
	[ "$(cut -d ' ' -f 1 have | sort -u)" = train ]
	[ "$(wc -l <have)" -eq 18 ]
	run hmm-drop --modality T1w --rate 1 --split train,tset manifest.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: no line has split 'tset'" ]
	cut -f 1-3 manifest.tsv >none
	run hmm-drop --modality T1w --rate 1 --split train none
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'split'"* ]]
	hmm-drop --modality T1w --rate 0.5 none | grep -c T1w >have
	[ "$(cat have)" -eq 27 ]
}

@test "never a subject's last one" {
	manifest
	hmm-drop --modality T1w --rate 0.5 -s 1 manifest.tsv | hmm-drop --modality '*pet' --rate 1 2>errors >have
	[ "$(tail -n +2 have | cut -f 2 | sort -u | wc -l)" -eq 60 ]
	[ "$(grep -c 'the rest has nothing else' errors)" -eq 3 ]
	[ "$(subjects_with pet <have | wc -l)" -eq 33 ]
	hmm-drop --modality '*' --rate 1 manifest.tsv 2>errors | cmp - manifest.tsv
}

@test "the same seed, whatever the order of the rows; a higher rate drops the same and more" {
	manifest
	hmm-drop --modality T1w --rate 0.5 -s 3 manifest.tsv | sort >one
	{ head -n 1 manifest.tsv; tail -n +2 manifest.tsv | shuf --random-source=manifest.tsv; } |
		hmm-drop --modality T1w --rate 0.5 -s 3 - | sort >two
	cmp one two
	hmm-drop --modality T1w --rate 0.5 -s 4 manifest.tsv | sort | cmp -s - one && false
	hmm-drop --modality T1w --rate 0.5 -s 3 --repeat 1 manifest.tsv | sort | cmp -s - one && false
	hmm-drop --modality T1w --rate 0.7 -s 3 manifest.tsv | sort >more
	[ -z "$(comm -13 one more)" ]
}

@test "several patterns: a subject loses all of them or none; each must fit something" {
	manifest
	hmm-drop --modality 'T1w, trc-1*' --rate 0.5 -s 1 manifest.tsv >have
	# 10 of the 20 subjects of each split lose every line of both; two in each split never had a T1w
	[ "$(subjects_with trc-1 <have | wc -l)" -eq 30 ]
	[ "$(subjects_with trc-2 <have | wc -l)" -eq 60 ]
	diff <(subjects_with trc-1 <have) <({ subjects_with T1w <have; subjects_with trc-1 <have; } | sort -u)
	# one set of modalities is one pattern, however it is written
	sed 's/trc-1_pet/a,b/' manifest.tsv | hmm-drop --modality '"a,b"' --rate 1 | subjects_with a,b >have
	[ ! -s have ]
	run hmm-drop --modality 'T1w,T2w,*pet' --rate 0.5 manifest.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: no modality matches 'T2w'" ]
	awk -F '\t' 'NR == 1 || $4 != "val" || $3 != "T1w"' manifest.tsv >less
	run hmm-drop --modality T1w --rate 0.5 --split val less
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: nobody in split val has a modality that matches 'T1w'" ]
	for globs in '' , 'T1w,' '"T1w' '"T1w"x'; do
		run hmm-drop --modality "$globs" --rate 0.5 manifest.tsv
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "each line on its own, but never a subject's last" {
	manifest
	hmm-drop --modality '*' --rate 0.5 --each -s 1 manifest.tsv 2>errors >have
	[ ! -s errors ]
	grep -Fxf have manifest.tsv | cmp - have
	# 174 lines, 58 a split: half of them stay, of every subject one at least, and of some one alone
	awk -F '\t' 'NR > 1 { print $4 }' have | sort | uniq -c | awk '{ print $1, $2 }' >counts
	table '29 test' '29 train' '29 val' >want
	cmp counts want
	[ "$(tail -n +2 have | cut -f 2 | sort -u | wc -l)" -eq 60 ]
	# what goes from a subject differs from line to line
	[ "$(awk -F '\t' 'NR > 1 { of[$2] = of[$2] $3 } END { for (s in of) print of[s] }' have | sort -u | wc -l)" -ge 6 ]
	# whatever the order of the rows; a higher rate drops the same and more
	sort have >one
	{ head -n 1 manifest.tsv; tail -n +2 manifest.tsv | shuf --random-source=manifest.tsv; } |
		hmm-drop --modality '*' --rate 0.5 --each -s 1 | sort | cmp - one
	hmm-drop --modality '*' --rate 0.6 --each -s 1 manifest.tsv | sort >more
	[ -z "$(comm -13 one more)" ]
	[ "$(wc -l <more)" -lt "$(wc -l <one)" ]
	hmm-drop --modality '*' --rate 1 --each manifest.tsv 2>errors >have
	[ "$(tail -n +2 have | wc -l)" -eq 60 ]
	grep -q "split test: '\*' dropped from 38 lines, want 58 of 58: the rest has nothing else$" errors
	# other modalities count as what a subject still has
	hmm-drop --modality T1w,trc-1_pet --rate 1 --each manifest.tsv 2>errors | cut -f 3 | sort -u >have
	[ ! -s errors ]
	table modality trc-2_pet | cmp - have
}

@test "empty input" {
	: >empty
	run hmm-drop --modality T1w --rate 0.5 empty
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: empty: empty, want a header line" ]
	table 'subject\tmodality' >header
	run hmm-drop --modality T1w --rate 0.5 header
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: no modality matches 'T1w'" ]
}

@test "bad input" {
	manifest
	run hmm-drop --modality T2w --rate 0.5 manifest.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: no modality matches 'T2w'" ]
	table 'subject\tmodality\tsplit' 'a\tx\ttrain' 'a\ty\ttest' >straddles
	run hmm-drop --modality x --rate 0.5 straddles
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: straddles: subject 'a' has split 'train' in row 1 and 'test' in row 2" ]
	table 'subject\tpath' 'a\tp' >columns
	run hmm-drop --modality x --rate 0.5 columns
	[ "$status" -eq 1 ]
	[[ "$output" = *"no column 'modality'"* ]]
	table 'subject\tmodality' 'a' >short
	run hmm-drop --modality x --rate 0.5 short
	[ "$status" -eq 1 ]
	[[ "$output" = *"line 2: 1 columns, want 2"* ]]
}

@test "usage" {
	run hmm-drop --modality T1w --modality pet --rate 0.5
	[ "$status" -eq 2 ]
	[ "$output" = "hmm-drop: --modality is given twice, want it once (try hmm-drop --help)" ]
	for options in "" "--modality T1w" "--rate 0.5" "--modality T1w --rate 1.5" "--modality T1w --rate -1" \
		"--modality T1w --rate half" "--modality T1w --rate 0.5 a b"; do
		run hmm-drop $options
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	hmm-drop --help | grep -q '^usage: hmm-drop --modality GLOB'
}

@test "a full device" {
	manifest
	run bash -c 'hmm-drop --modality T1w --rate 0.5 manifest.tsv >/dev/full'
	[ "$status" -eq 1 ]
	[[ "$output" = *"standard output: cannot write"* ]]
}

@test "real data: half of the FLAIR of TCGA-LGG" {
	[ -d "$data/lgg-bids" ] || skip "no $data/lgg-bids"
	hmm-manifest --bids "$data/lgg-bids" --label large_tumor >all
	hmm-drop --modality FLAIR --rate 0.5 -s 1 all >have
	[ "$(cut -f 2 have | grep -c FLAIR)" -eq 55 ]
	[ "$(tail -n +2 have | cut -f 1 | sort -u | wc -l)" -eq 110 ]
}

@test "from subjects of one label alone: the same ones as if there were no others" {
	manifest
	awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "label" : substr($2, 2) % 4 == 0 ? "n/a" : substr($2, 2) % 2 }' manifest.tsv >labelled.tsv
	for label in 0 1; do
		hmm-drop --modality T1w --rate 0.5 -s 1 --label $label labelled.tsv >have
		awk -F'\t' -v label=$label 'NR == 1 || $6 == label' labelled.tsv | hmm-drop --modality T1w --rate 0.5 -s 1 >alone
		awk -F'\t' -v label=$label 'NR == 1 || $6 == label' have | cmp - alone
		diff <(awk -F'\t' -v label=$label '$6 != label' labelled.tsv) <(awk -F'\t' -v label=$label '$6 != label' have)
		[ "$(wc -l <have)" -lt "$(wc -l <labelled.tsv)" ]
	done
	run hmm-drop --modality T1w --rate 0.5 --label 1 manifest.tsv
	[ "$status" -eq 1 ]
	[ "$output" = "hmm-drop: manifest.tsv: no column 'label' in its header" ]
	run hmm-drop --modality T1w --rate 0.5 --label n/a labelled.tsv
	[ "$status" -eq 2 ]
}

# 200 subjects with T1w and PET, half of them of label 1; a PET's severity is the subject's number
graded() {
	awk 'BEGIN {
		print "subject\tmodality\tlabel\tsplit\tpath\tseverity"
		for (s = 0; s < 200; s++) {
			printf "s%03d\tT1w\t%d\t%s\tt%d\tn/a\n", s, s % 2, s % 4 < 2 ? "train" : "test", s
			printf "s%03d\tpet\t%d\t%s\tp%d\t%d\n", s, s % 2, s % 4 < 2 ? "train" : "test", s, s - 100
		}
	}' >graded.tsv
}

lost() { # MANIFEST COLUMN: of the PETs that are gone
	grep -vFxf "$1" graded.tsv | cut -f "$2"
}

@test "by label: the expected rate, which label loses more, and what is printed" {
	graded
	hmm-drop --modality pet --rate 0.4 --by label --gamma 2 -s 1 graded.tsv 2>errors >have
	[ "$(lost have 2 | sort -u)" = pet ]
	lost have 3 | sort | uniq -c | awk '{ print $1, $2 }' >counts
	# .193 and .607 of them but for chance: the two differ by 2 in the logit, and their mean is .4
	[ "$(awk '$2 == 0 { print ($1 >= 10 && $1 <= 30) }' counts)" -eq 1 ]
	[ "$(awk '$2 == 1 { print ($1 >= 50 && $1 <= 72) }' counts)" -eq 1 ]
	for split in train test; do
		all=$(lost have 4 | grep -c "$split")
		zero=$(lost have 3,4 | grep -c "0.$split") one=$(lost have 3,4 | grep -c "1.$split")
		grep -qx "hmm-drop: split $split: 'pet' dropped from $all of 100 subjects, 40.0 expected: $zero of 50 of label 0, $one of 50 of label 1" errors
	done
	hmm-drop -q --modality pet --rate 0.4 --by label --gamma 2 -s 1 graded.tsv 2>errors | cmp - have
	[ ! -s errors ]
	# of -label the other one loses more, and with a gamma of 0 none does
	hmm-drop -q --modality pet --rate 0.4 --by -label --gamma 2 -s 1 graded.tsv >other
	[ "$(lost other 3 | grep -c 0)" -ge 50 ]
	[ "$(lost other 3 | grep -c 1)" -le 30 ]
	hmm-drop -q --modality pet --rate 0.4 --by label --gamma 0 -s 1 graded.tsv >none
	[ "$(lost none 3 | awk '{ of[$1]++ } END { print (of[0] > 25 && of[0] < 55 && of[1] > 25 && of[1] < 55) }')" -eq 1 ]
	hmm-drop -q --modality pet --rate 0 --by label graded.tsv | cmp - graded.tsv
	hmm-drop -q --modality pet --rate 1 --by label graded.tsv | cut -f 2 | grep -c pet && false
	true
}

@test "by a column of numbers: standardised, so that its unit does not count; nested in the rate" {
	graded
	hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 graded.tsv >have
	[ "$(lost have 6 | awk '{ n++; sum += $1 } END { print (n >= 45 && n <= 75 && sum / n > 40) }')" -eq 1 ]
	awk -F '\t' -v OFS='\t' 'NR > 1 && $6 != "n/a" { $6 = 1000 * $6 + 5 } { print }' graded.tsv >scaled.tsv
	hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 scaled.tsv | cut -f 1-5 | cmp - <(cut -f 1-5 have)
	hmm-drop -q --modality pet --rate 0.5 --by severity --gamma 3 -s 2 graded.tsv >more
	[ -z "$(comm -13 <(sort have) <(sort more))" ]
	[ "$(wc -l <more)" -lt "$(wc -l <have)" ]
	# whatever the order of the rows
	{ head -n 1 graded.tsv; tail -n +2 graded.tsv | shuf --random-source=graded.tsv; } |
		hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 | sort | cmp - <(sort have)
	# of a subject with several lines the mean counts
	awk -F '\t' -v OFS='\t' '{ print } $2 == "pet" { $6 += 9; $5 = $5 "b"; print; $6 -= 18; $5 = $5 "c"; print }
		$2 == "pet" && $1 < "s100" { for (k = 0; k < 5; k++) { $6 = $6 + 9; $5 = $5 k; print; $6 -= 9 } }' graded.tsv >lines.tsv
	awk -F '\t' -v OFS='\t' 'NR == FNR { if ($2 == "pet") { n[$1]++; sum[$1] += $6 } next } $2 == "pet" { $6 = sum[$1] / n[$1] } { print }' lines.tsv graded.tsv >mean.tsv
	hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 mean.tsv | grep pet | cut -f 1 >want
	hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 lines.tsv | grep pet | cut -f 1 | uniq | cmp - want
	hmm-drop -q --modality pet --rate 0.3 --by -severity --gamma 3 -s 2 graded.tsv >low
	[ "$(lost low 6 | awk '{ n++; sum += $1 } END { print (sum / n < -40) }')" -eq 1 ]
}

@test "by a column, each line on its own: nested in the rate, and never a subject's last" {
	graded
	# a T1w has a severity of its own, far lower
	awk -F '\t' -v OFS='\t' '$6 == "n/a" { $6 = -300 } { print }' graded.tsv >both.tsv
	for rate in 0.3 0.5 0.7 1; do
		hmm-drop -q --modality '*' --rate $rate --each --by severity --gamma 1 -s 3 both.tsv | sort >rate.$rate
		[ "$(cut -f 1 rate.$rate | sort -u | grep -c s)" -eq 201 ]
	done
	for pair in '0.3 0.5' '0.5 0.7' '0.7 1'; do
		[ -z "$(comm -13 rate.${pair% *} rate.${pair#* })" ]
	done
	[ "$(wc -l <rate.1)" -eq 201 ]
}

@test "by what is not known, or tells nothing" {
	graded
	awk -F '\t' -v OFS='\t' '$1 == "s007" { $6 = "n/a" } { print }' graded.tsv >unknown.tsv
	hmm-drop --modality pet --rate 1 --by severity unknown.tsv 2>errors | grep pet | cut -f 1 >have
	[ "$(cat have)" = s007 ]
	head -n 1 errors | grep -qx 'hmm-drop: warning: unknown.tsv: severity is not known in 1 line, which does not count'
	refuse() { # COLUMN MESSAGE
		run hmm-drop --modality pet --rate 0.5 --by "$1" bad.tsv
		[ "$status" -eq 1 ]
		[ "$output" = "hmm-drop: $2" ]
	}
	sed 's/\t-50$/\thigh/' graded.tsv >bad.tsv
	refuse severity "bad.tsv: row 102: severity 'high', want a number"
	refuse age "bad.tsv: no column 'age' in its header"
	awk -F '\t' -v OFS='\t' 'NR > 1 { $6 = .1 } { print }' graded.tsv >bad.tsv
	refuse severity "column 'severity' is 0.1 in all that have 'pet', want what differs"
	run hmm-drop --modality pet --rate 0.5 --gamma 1 graded.tsv
	[ "$status" -eq 2 ]
}

@test "by a column: a rate that was not reached is a warning, and neither unit nor a large gamma misses it" {
	graded
	fails() { # STATUS PATTERN COMMAND...
		run "${@:3}"
		[ "$status" = "$1" ]
		grep -qE "$2" <<<"$output"
	}
	# all but two have a pet alone
	awk -F'\t' 'NR == 1 || $2 == "pet" || $1 <= "s001"' graded.tsv >alone.tsv
	hmm-drop -q --modality pet --rate 0.9 --by severity alone.tsv 2>errors >have
	grep -qE "^hmm-drop: warning: split train: 'pet' dropped from [0-2] subjects, want [0-9]+ of 100: the rest has nothing else$" errors
	# chance alone is none
	for seed in 1 2 3 4 5; do hmm-drop -q --modality pet --rate 0.4 --by label -s $seed graded.tsv; done 2>&1 >/dev/null | cmp - /dev/null
	hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 graded.tsv | cut -f 1,2 >want
	for unit in e297 e-290; do
		awk -F'\t' -v OFS='\t' -v unit=$unit '$2 == "pet" { $6 = $6 unit } 1' graded.tsv |
			hmm-drop -q --modality pet --rate 0.3 --by severity --gamma 3 -s 2 | cut -f 1,2 | cmp - want
	done
	awk -F'\t' -v OFS='\t' '$2 == "pet" { $6 = $6 "e306" } 1' graded.tsv >huge.tsv
	fails 1 "severity '-100e306', want a number up to 1e\+300" hmm-drop --modality pet --rate 0.3 --by severity huge.tsv
	hmm-drop --modality pet --rate 0.3 --by severity --gamma 1e6 graded.tsv 2>&1 >/dev/null |
		awk '{ all += $(NF - 3); want += $(NF - 1) } END { d = want / all - .3; exit !(d * d < 1e-4) }'
	fails 2 'gamma: found 1e\+07, want 0 to 1e\+06' hmm-drop --modality pet --rate 0.3 --by severity --gamma 1e7 graded.tsv
	label() { awk -F'\t' -v OFS='\t' -v to="$1" 'NR > 1 { $3 = to } 1' graded.tsv >label.tsv; }
	label 1
	fails 1 "column 'label' is 1 in all that have 'pet', want what differs" hmm-drop --modality pet --rate 0.3 --by label label.tsv
	label n/a
	fails 1 "nobody has a modality that matches 'pet' and label 1" hmm-drop --modality pet --rate 0.3 --label 1 label.tsv
	fails 1 "nobody has a modality that matches 'pet' and a known 'label'" hmm-drop --modality pet --rate 0.3 --by label label.tsv
}
