#!/usr/bin/env bats

load helper

data="${HMM_DATA:-$BATS_TEST_DIRNAME/../../../shared/data}"

table() {
	printf '%b\n' "$@"
}

# A grey image of two pixels and a third: PGM.
image() { # FILE BYTES
	mkdir -p "$(dirname "$1")"
	{ printf 'P5 3 1 255\n'; printf "$2"; } >"$1"
}

# A clean manifest: eight patients with two images each, all different.
clean() {
	table 'subject\tmodality\tlabel\tgroup\tsplit\tpath'
	local splits=(train train train train val val test test)
	for i in 0 1 2 3 4 5 6 7; do
		for m in a b; do
			image "i/$i$m.pgm" "$m$i\\001"
			table "s$i\t$m\t$((i % 2))\tg$i\t${splits[$i]}\ti/$i$m.pgm"
		done
	done
}

# Exit status 1, and these lines of check, severity and what, no others.
finds() { # COMMAND... -- LINE...
	local command=() code=0
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	shift
	"${command[@]}" >found || code=$?
	tail -n +2 found | cut -f 1-3 >have
	table "$@" >want
	[ "$code" = 1 ] || { echo "status $code"; return 1; }
	diff want have
}

@test "a known answer: nothing" {
	clean >m
	hmm-check m >have
	table 'check\tseverity\twhat\tfound' | cmp - have
	hmm-check <m | cmp - have
	hmm-check --no-images m | cmp - have
}

@test "a known answer: a patient in two splits" {
	clean | sed 's/^\(s1\tb.*\)train/\1test/' >m
	run hmm-check m
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'check	severity	what	found' ]
	[ "${lines[1]}" = 'group-splits	error	g1	splits train (1), test (1) (lines)' ]
	[ "${#lines[@]}" -eq 2 ]
	clean | sed 's/\tg[01]\t/\tg\t/; s/^\(s1.*\)train/\1val/' >m
	finds hmm-check m -- 'group-splits\terror\tg' 'group-labels\tnote\tgroup'
	cut -f 1-3,5,6 m | sed 's/^s1/s0/' | finds hmm-check -- 'group-splits\terror\ts0' 'subject-labels\terror\ts0'
}

@test "a subject in two groups, and there in two splits" {
	clean | sed 's/^\(s1\tb.*\)g1/\1other/' >m
	finds hmm-check m -- 'subject-groups\terror\ts1'
	sed -i '/other/s/train/test/' m
	finds hmm-check m -- 'subject-groups\terror\ts1' 'subject-splits\terror\ts1'
}

@test "splits: all of test is val too; empty, of one label, lines without one" {
	clean >m
	{ cat m; sed -n '/\ttest\t/s/\ttest\t/\tval\t/p' m; } >twice
	finds hmm-check twice -- 'group-splits\terror\tg6' 'group-splits\terror\tg7' 'twin-splits\terror\ti/6a.pgm' \
		'twin-splits\terror\ti/6b.pgm' 'twin-splits\terror\ti/7a.pgm' 'twin-splits\terror\ti/7b.pgm'
	finds hmm-check --no-images twice -- 'group-splits\terror\tg6' 'group-splits\terror\tg7' 'twin-splits\terror\ti/6a.pgm' \
		'twin-splits\terror\ti/6b.pgm' 'twin-splits\terror\ti/7a.pgm' 'twin-splits\terror\ti/7b.pgm'
	grep -v test m >less
	finds hmm-check less -- 'split-empty\twarning\ttest'
	sed 's/\tval\t/\ttrain\t/' m | hmm-check | grep -q '^split-empty	note	val	no line$'
	sed 's/\t1\tg7/\t0\tg7/' m >one
	finds hmm-check one -- 'split-labels\twarning\ttest'
	grep -q 'lines of label 0: 4, of label 1: 0' found
	sed 's/\tval\t/\tn\/a\t/' m >some
	finds hmm-check some -- 'split-missing\twarning\tsplit' 'split-empty\tnote\tval'
	sed 's/\(s1.*\t\)train\t/\1Train\t/' m >other
	finds hmm-check other -- 'split-unknown\twarning\tsplit'
	grep -q '2 lines are neither in train, val, cal nor test but in Train$' found
	sed 's/\ttest\t/\tfoo\t/' m >foo
	finds hmm-check foo -- 'split-unknown\twarning\tsplit' 'split-empty\twarning\ttest'
	sed 's/\(train\|val\|test\)/n\/a/' m | hmm-check | grep -q '^split-empty	note	split	no line has a split$'
	# cal is a part like the others, which may be missing and must not leak
	sed 's/\tval\t/\tcal\t/' m >cal
	hmm-check cal | grep -q '^split-empty	note	val	no line$'
	sed '2s/train/cal/' m >leak
	finds hmm-check leak -- 'group-splits\terror\tg0' 'split-labels\twarning\tcal'
}

@test "labels: a subject with two, a group with two" {
	clean | sed 's/^\(s1\tb\)\t1/\1\t0/' >m
	finds hmm-check m -- 'subject-labels\terror\ts1' 'group-labels\tnote\tgroup'
	clean | sed 's/\tg[01]\t/\tg\t/' >m
	hmm-check m | grep -q '^group-labels	note	group	1 of 7 groups have both labels$'
}

@test "twins: across splits, groups, subjects, and within one" {
	clean >m
	image i/7b.pgm 'a0\001'
	finds hmm-check m -- 'twin-labels\terror\ti/0a.pgm' 'twin-splits\terror\ti/0a.pgm'
	grep -q '2 images with the same pixels: i/0a.pgm (subject s0, group g0, split train, label 0), i/7b.pgm (subject s7, group g7, split test, label 1)$' found
	hmm-check --no-images m
	clean >m
	image i/2a.pgm 'a0\001'
	finds hmm-check m -- 'twin-groups\twarning\ti/0a.pgm'
	sed -i 's/\tg2\t/\tg0\t/' m
	finds hmm-check m -- 'twin-subjects\twarning\ti/0a.pgm'
	clean >m
	cp i/0a.pgm i/0b.pgm
	finds hmm-check m -- 'twin-images\twarning\ti/0a.pgm'
	clean | sed 's/0b\.pgm/0a.pgm/' >m
	finds hmm-check --no-images m -- 'twin-images\twarning\ti/0a.pgm'
	grep -q '2 lines of one path' found
	clean >m
	for i in 1a 2a 3a 4a 5a 6a; do cp i/0a.pgm i/$i.pgm; done
	finds hmm-check m -- 'twin-labels\terror\ti/0a.pgm' 'twin-splits\terror\ti/0a.pgm'
	grep -q '7 images with the same pixels: .*label 1) and 3 more$' found
}

@test "twins: the pixels count, not the file" {
	clean >m
	{ printf 'P6\n# the same in colour\n3 1\n255\n'; printf 'aaa000\001\001\001'; } >i/2a.pgm
	finds hmm-check m -- 'twin-groups\twarning\ti/0a.pgm'
	{ printf 'P6 3 1 255\n'; printf 'aaa000\001\001\002'; } >i/2a.pgm
	hmm-check m
	{ printf 'P5 1 3 255\n'; printf 'a0\001'; } >i/2a.pgm # other rows and columns
	hmm-check m
	cp "$root/tests/golden/slice.nii.gz" i/0a.pgm
	gzip -dc i/0a.pgm >i/2a.pgm
	finds hmm-check m -- 'twin-groups\twarning\ti/0a.pgm'
}

@test "blank images are no twins, and images that cannot be read" {
	clean >m
	image i/0a.pgm '\001\001\001'
	image i/7b.pgm '\001\001\001'
	finds hmm-check m -- 'blank\twarning\ti/0a.pgm' 'blank\twarning\ti/7b.pgm'
	{ printf 'P6 2 1 255\n'; printf '\001\002\003\001\002\003'; } >i/0a.pgm
	finds hmm-check m -- 'blank\twarning\ti/0a.pgm' 'blank\twarning\ti/7b.pgm'
	clean >m
	rm i/3a.pgm
	printf x >i/5b.pgm
	finds hmm-check m -- 'unreadable\terror\ti/3a.pgm' 'unreadable\terror\ti/5b.pgm' 2>errors
	[ "$(wc -l <errors)" -eq 2 ]
	grep -q '^hmm-check: i/3a.pgm: cannot open' errors
	hmm-check --no-images m
}

@test "pipes, devices and folders are no images, and are not waited for" {
	clean >m
	rm i/3a.pgm
	mkfifo i/3a.pgm
	sed -i 's,i/5b.pgm,/dev/zero,; s,i/6a.pgm,i,' m
	finds timeout 10 hmm-check m -- 'unreadable\terror\ti/3a.pgm' 'unreadable\terror\t/dev/zero' 'unreadable\terror\ti' 2>errors
	[ "$(grep -c 'not a regular file$' errors)" = 3 ]
	[ "$(wc -l <errors)" = 3 ]
	refuse 1 '^hmm-check: /dev/zero: holds a zero byte, want text$' timeout 10 hmm-check /dev/zero
}

# wide KIND ROWS: a manifest in which one name has very many values of another column.
wide() {
	awk -v kind="$1" -v rows="$2" 'BEGIN {
		print "subject\tmodality\tlabel\tgroup\tsplit\tpath"
		for (i = 0; i < rows; i++)
			printf "%s\t%s\t%d\t%s\t%s\t%s\n", kind == "subject" ? "s" : "s" i, kind == "modality" ? "m" i : "m", i % 2,
				kind == "test" || kind == "split" ? "g" : "g" i, kind == "split" ? "sp" i : "test", kind == "path" ? "p" : "p" i
	}'
}

@test "a name of very many values takes no longer, and they are listed as far as there is room" {
	for kind in path split subject modality test; do
		wide $kind 100000 >m
		timeout 60 hmm-check --no-images --trained-on m m >have || [ $? = 1 ]
	done
	wide split 500 >m
	hmm-check --no-images m >have || true
	grep -qE '^group-splits	error	g	splits sp0 \(1\), sp1 \(1\), .*\), and [0-9]+ more \(lines\)$' have
	listed=$(grep ^group-splits have | grep -o '(1)' | wc -l) more=$(grep ^group-splits have | sed 's/.*, and //; s/ more.*//')
	[ $((listed + more)) = 500 ]
}

# N subjects a label, A of label 0 and B of label 1 without b.
missing() {
	table 'subject\tmodality\tlabel'
	for y in 0 1; do
		for i in $(seq "$1"); do
			table "s$y-$i\ta\t$y"
			[ "$i" -le $((y ? $3 : $2)) ] || table "s$y-$i\tb\t$y"
		done
	done
}

@test "presence that predicts the label" {
	missing 40 4 20 | finds hmm-check -- 'split-empty\tnote\tsplit' 'presence\twarning\tb'
	# scipy.stats.fisher_exact([[4, 36], [20, 20]])[1] , times two modalities
	grep -q '	missing in 4 of 40 subjects of label 0 and 20 of 40 of label 1: p = 0.000345 (Fisher, Holm)$' found
	cp found once
	missing 40 4 20 | awk 'NR > 1 { print } { print }' | finds hmm-check -- 'split-empty\tnote\tsplit' 'presence\twarning\tb'
	cmp found once # a subject counts once
	missing 40 4 12 | hmm-check
	missing 40 20 20 | hmm-check
	missing 40 4 20 | sed 's/[01]$/n\/a/' | hmm-check
	missing 40 4 20 | sed 's/\t[ab]\t/\tn\/a\t/' | hmm-check
}

@test "data of an earlier training in test" {
	clean >m
	sed 's/\tg7\ttest/\tg7\ttrain/; s/\tg6\ttest/\tg6\tval/' m >step1
	hmm-check --trained-on m m
	finds hmm-check --trained-on step1 m -- 'trained-on\terror\tg6' 'trained-on\terror\tg7'
	grep -q '^trained-on	error	g6	val in step1, 2 lines in test here$' found
	grep -q '^trained-on	error	g7	train in step1, 2 lines in test here$' found
	cut -f 1-3,5 step1 | sed 's/\ts7\t/s/' >by_subject
	finds hmm-check --trained-on by_subject m -- 'trained-on\terror\tg6' 'trained-on\terror\tg7'
	refuse 1 "^hmm-check: m2: no column 'split' in its header" hmm-check --trained-on <(cut -f 1-4 m >m2; echo) m ||
		refuse 1 "no column 'split'" hmm-check --trained-on m2 m
	refuse 1 'nowhere: cannot open' hmm-check --trained-on nowhere m
	refuse 1 'none: no lines below its header' hmm-check --trained-on <(head -n 1 m >none; echo) m ||
		refuse 1 'none: no lines below its header' hmm-check --trained-on none m
	# who was learned from is a leak in val as well, whom the epoch was chosen by is none there
	sed 's/\tg4\tval/\tg4\ttrain/' m >step1
	finds hmm-check --trained-on step1 m -- 'trained-on\terror\tg4'
	grep -q '	train in step1, 2 lines in val here$' found
	finds hmm-check --trained-on <(cat step1) m -- 'trained-on\terror\tg4'
	# either has no place in cal
	sed 's/\tg4\tval/\tg4\tcal/' m >cal
	for split in train val; do
		sed "s/\tg4\tval/\tg4\t$split/" m >step1
		finds hmm-check --trained-on step1 cal -- 'split-labels\twarning\tval' 'split-labels\twarning\tcal' 'trained-on\terror\tg4'
		grep -q "	$split in step1, 2 lines in cal here\$" found
	done
	# a patient is one, whichever of the subjects was seen
	sed 's/^s6\tb/s6_b\tb/' m >two
	cut -f 1-3,5 two | sed 's/^\(s6_b.*\)test/\1train/' >step1
	finds hmm-check --trained-on step1 two -- 'trained-on\terror\tg6'
	grep -q '	train in step1, 2 lines in test here$' found
	# what is in no split is predicted
	sed 's/\ttest\t/\tn\/a\t/; s/\ttrain\t/\tn\/a\t/; s/\tval\t/\tn\/a\t/' m >whole
	finds hmm-check --trained-on m whole -- 'split-empty\tnote\tsplit' \
		'trained-on\terror\tg'{0,1,2,3,4,5}
	grep -q '	g0	train in m, 2 lines without a split here$' found
}

# The first 16 bytes of each line's digest, ascending, in hexadecimal.
hashes() {
	sort -u | while IFS= read -r name; do printf %s "$name" | sha256sum | cut -c 1-32; done | sort | tr -d '\n'
}

# What stands behind a model's parameters.
tail_of() { # MODEL DIGITS
	tail -c $((${#2} / 2)) "$1" | od -An -v -tx1 | tr -d ' \n'
}

# The same study, all of it in one split.
all_in() { # SPLIT
	awk -F'\t' -v OFS='\t' -v in_="$1" 'NR > 1 { $5 = in_ } 1' features.tsv
}

@test "a model says whom it has seen, in training and by validation" {
	tiny_features
	hmm-condition -q --train --epochs 1 -o phi.safetensors <features.hmm
	hmm-condition -w phi.safetensors <features.hmm | hmm-setsum | hmm-rho -q --train --epochs 1 -o rho.safetensors
	hmm-joint -q --train --model hypermm --epochs 1 -o joint.safetensors <features.hmm
	hmm-vae -q --train --epochs 1 -o vae.safetensors <features.hmm
	want=$(awk -F'\t' '$5 == "train" { print $1 }' features.tsv | hashes)$(awk -F'\t' '$5 == "val" { print $1 }' features.tsv | hashes)
	[ "${#want}" = $((8 * 32)) ]
	all_in test >again.tsv
	all_in val >choose.tsv
	for model in phi rho joint vae; do
		[ "$(tail_of $model.safetensors "$want")" = "$want" ]
		hmm-check --no-images --trained-on $model.safetensors features.tsv
		run hmm-check --no-images --trained-on $model.safetensors again.tsv
		diff <(grep '^trained-on	error' <<<"$output" | cut -f 3) <(awk -F'\t' '$5 == "train" || $5 == "val" { print $1 }' features.tsv | sort -u)
		run hmm-check --no-images --trained-on $model.safetensors choose.tsv
		diff <(grep '^trained-on	error' <<<"$output" | cut -f 3) <(awk -F'\t' '$5 == "train" { print $1 }' features.tsv | sort -u)
	done
	hmm-check --no-images --trained-on phi.safetensors again.tsv | grep -q "	train in phi.safetensors, . lines\? in test here$"
	# without a validation that chooses, nobody of it was seen
	hmm-condition -q --train --epochs 1 --stop-on training --schedule constant --checkpoint last -o blind.safetensors <features.hmm
	run hmm-check --no-images --trained-on blind.safetensors again.tsv
	[ "$(grep -c '^trained-on	error' <<<"$output")" = 4 ]
	# what a model of before, or another file, does not say is no clean bill
	sed 's/"groups"/"spuorg"/' phi.safetensors >old.safetensors
	refuse 1 '^hmm-check: old.safetensors: does not say whom it was trained on' hmm-check --no-images --trained-on old.safetensors features.tsv
	refuse 1 '^hmm-check: vgg.safetensors: does not say whom it was trained on' hmm-check --no-images --trained-on vgg.safetensors features.tsv
	sed 's/"groups":{"dtype":"U8"/"groups":{"dtype":"I8"/' phi.safetensors >odd.safetensors
	refuse 1 '^hmm-check: odd.safetensors: groups: I8 \(4,16\), want U8 \(n,16\)' hmm-check --no-images --trained-on odd.safetensors features.tsv
	# and yet it answers
	hmm-condition -w old.safetensors <features.hmm | hmm-setsum | hmm-rho --any-history -w rho.safetensors >/dev/null
}

@test "a model's patients are found with a column group and without" {
	tiny_features
	awk -F'\t' -v OFS='\t' 'NR > 1 { $4 = "patient of " $1 } 1' features.tsv >grouped.tsv
	hmm-gather -c cache grouped.tsv | hmm-condition -q --train --epochs 1 -o grouped.safetensors
	hmm-condition -q --train --epochs 1 -o plain.safetensors <features.hmm
	all_in test | cut -f 1-3,5- >none.tsv
	all_in test | awk -F'\t' -v OFS='\t' 'NR > 1 { $4 = $1 } 1' >own.tsv
	all_in test | awk -F'\t' -v OFS='\t' 'NR > 1 { $4 = "patient of " $1 } 1' >group.tsv
	all_in test | awk -F'\t' -v OFS='\t' 'NR > 1 { $4 = "patient of " $1; $1 = $1 "_b" } 1' >later.tsv
	for manifest in none own group; do
		for model in grouped plain; do
			run hmm-check --no-images --trained-on $model.safetensors $manifest.tsv
			[ "$(grep -c '^trained-on	error' <<<"$output")" = 8 ]
		done
	done
	# another subject of a patient whom only the group names
	run hmm-check --no-images --trained-on grouped.safetensors later.tsv
	[ "$(grep -c '^trained-on	error	patient of' <<<"$output")" = 8 ]
	# one patient's subjects and images are one line
	want=$(awk -F'\t' '$5 == "train" { print $4 }' grouped.tsv | hashes)
	want+=$(awk -F'\t' '$5 == "train" { print $1 }' grouped.tsv | hashes)
	want+=$(awk -F'\t' '$5 == "val" { print $1; print $4 }' grouped.tsv | hashes)
	[ "$(tail_of grouped.safetensors "$want")" = "$want" ]
}

@test "a model that is trained further has seen what the one before has" {
	tiny_features
	awk -F'\t' '$2 == "T1w" && $5 == "train" { print $1 }' features.tsv | sort >train
	[ "$(wc -l <train)" -gt 1 ]
	head -n 1 train >first
	grep -vf first features.tsv >late.tsv
	grep -f <(echo subject; cat first) features.tsv >early.tsv
	fixed='--epochs 1 --stop-on training --schedule constant --checkpoint last'
	hmm-gather -c cache early.tsv | hmm-joint -q --train --model cnn --modality T1w $fixed -o one.safetensors
	hmm-gather -c cache late.tsv | hmm-joint -q --train -w one.safetensors --modality T1w $fixed -o two.safetensors
	all_in test >again.tsv
	run hmm-check --no-images --trained-on one.safetensors again.tsv
	diff <(grep '^trained-on	error' <<<"$output" | cut -f 3) first
	run hmm-check --no-images --trained-on two.safetensors again.tsv
	diff <(grep '^trained-on	error' <<<"$output" | cut -f 3) train
	# of who began without a word nobody knows all
	sed 's/"groups"/"spuorg"/' one.safetensors >old.safetensors
	hmm-gather -c cache late.tsv | hmm-joint -q --train -w old.safetensors --modality T1w $fixed -o new.safetensors 2>said
	grep -q 'warning: old.safetensors does not say whom it was trained on, nor will what it becomes$' said
	refuse 1 'new.safetensors: does not say whom it was trained on' hmm-check --no-images --trained-on new.safetensors again.tsv
}

# The names of BreaKHis's benign slides, 24 of 16 accession numbers, and of five malignant ones.
breakhis() {
	local slide
	for slide in B_A-14-22549AB B_A-14-22549CD B_A-14-22549G B_PT-14-21998AB B_PT-14-21998CD B_F-14-21998EF \
		B_F-14-14134 B_F-14-14134E B_TA-14-16184 B_TA-14-16184CD B_F-14-23060AB B_F-14-23060CD B_A-14-29960AB \
		B_F-14-29960CD B_F-14-25197 B_F-14-9133 B_TA-14-3411F B_PT-14-22704 B_TA-14-13200 B_TA-14-15275 \
		B_A-14-22000C B_F-14-23222AB B_TA-14-19854C B_TA-14-21978AB \
		M_DC-14-13412 M_LC-14-13412 M_DC-14-2523 M_MC-14-10147 M_PC-14-9146; do
		for x in 40 100; do
			mkdir -p b
			: >"b/SOB_$slide-$x-001.png"
		done
	done
}

@test "BreaKHis: 24 benign slides are 16 patients, and one stands under two types" {
	breakhis
	hmm-manifest --breakhis b | hmm-split --ratio 6:1:3 -s 1 >m
	hmm-check --no-images m >have
	table 'accessions\tnote\tlabel 0\t24 slides of 16 accession numbers' \
		'accessions\tnote\tlabel 1\t5 slides of 4 accession numbers' \
		'accession-types\tnote\t14-13412\ttypes DC (2), LC (2) of slides SOB_M_DC_14-13412 (2), SOB_M_LC_14-13412 (2) (images)' \
		'accession-types\tnote\t14-21998\ttypes F (2), PT (4) of slides SOB_B_F_14-21998EF (2), SOB_B_PT_14-21998AB (2), SOB_B_PT_14-21998CD (2) (images)' \
		'accession-types\tnote\t14-29960\ttypes A (2), F (2) of slides SOB_B_A_14-29960AB (2), SOB_B_F_14-29960CD (2) (images)' >want
	tail -n +2 have | diff want -
}

@test "BreaKHis: a split by slide cuts patients apart" {
	breakhis
	hmm-manifest --breakhis b --group slide | hmm-split --ratio 6:1:3 -s 1 >m
	run hmm-check --no-images m
	[ "$status" -eq 1 ]
	[ "$(grep -c '^accession-groups	warning' <<<"$output")" -eq 7 ]
	awk -F '\t' 'NR > 1 { split($1, name, "_"); sub("[A-Z]*$", "", name[4]); print name[4], $5 }' m | sort -u |
		cut -d ' ' -f 1 | uniq -d >cut
	[ -s cut ]
	grep '^accession-splits	error' <<<"$output" | cut -f 3 | cmp - cut
	# a split of the accessions, whatever the groups are called, is no leak
	hmm-manifest --breakhis b | hmm-split --ratio 6:1:3 -s 1 | awk -F '\t' -v OFS='\t' 'NR > 1 { $4 = $1 } 1' >m
	run hmm-check --no-images m
	[ "$status" -eq 1 ]
	[ "$(grep -c '^accession-splits' <<<"$output")" -eq 0 ]
}

@test "BreaKHis: the twins of a patient who was entered twice" {
	breakhis
	for file in b/*; do
		image "$file" "$(md5sum <<<"${file/_LC/_DC}" | cut -c 1-3)"
	done
	hmm-manifest --breakhis b | hmm-split --ratio 6:1:3 -s 1 >m
	run hmm-check m
	[ "$status" -eq 1 ]
	[ "$(grep -c '^twin-subjects	warning	b/SOB_M_DC-14-13412' <<<"$output")" -eq 2 ]
}

@test "the same bytes whatever -j" {
	clean >m
	for i in 1a 2b 6a 7b; do cp i/0a.pgm i/$i.pgm; done
	image i/5a.pgm '\001\001\001'
	hmm-check -j 1 m >one || true
	[ "$(wc -l <one)" -eq 4 ]
	for j in 2 5 16; do
		hmm-check -j $j m >other || true
		cmp one other
	done
}

@test "a clean study of every seed" {
	for seed in 1 2 3 4; do
		hmm-phantom -o "study$seed" --subjects 24 --size 16 --slices 3 --missing 0.4 -s "$seed"
		hmm-manifest --bids "study$seed" --label diagnosis --positive AD | hmm-split --ratio 6:2:4 -s "$seed" |
			hmm-drop --modality '*pet' --rate 0.3 -s "$seed" | hmm-check >have
		[ "$(wc -l <have)" -eq 1 ]
	done
}

@test "empty input" {
	: >empty
	refuse 1 '^hmm-check: empty: empty, want a header line$' hmm-check empty
	table 'subject\tlabel' >header
	refuse 1 '^hmm-check: header: no lines below its header$' hmm-check header
}

@test "bad input" {
	table 'subject\tlabel' 'a\tyes' >bad
	refuse 1 "^hmm-check: bad: row 1: label 'yes', want 0, 1 or n/a \(--target says what others are\)$" hmm-check bad
	[ ! -s refused.out ]
	table 'label\tpath' '1\tx' >bad
	refuse 1 "no column 'subject'" hmm-check bad
	table 'subject\tlabel' 'n/a\t1' >bad
	refuse 1 'row 1: no subject' hmm-check bad
	table 'subject\tpath' 'a\tn/a' >bad
	refuse 1 'row 1: no path' hmm-check bad
	table 'subject\tlabel' 'a' >bad
	refuse 1 'line 2: 1 columns, want 2' hmm-check bad
	refuse 1 'nowhere: cannot open' hmm-check nowhere
}

@test "names with tabs, and a manifest of subjects alone" {
	table 'subject\tlabel' 'a\t0' 'b\t1' | hmm-check
	table 'subject\tlabel\tsplit' 'a\\tb\t0\ttrain' 'a\\tb\t0\ttest' >m
	run hmm-check m
	[ "$status" -eq 1 ]
	[[ "$output" = *'group-splits	error	a\tb	splits train (1), test (1) (lines)'* ]]
}

@test "usage" {
	for options in "a b" "-j x" "--trained-on" "--odd"; do
		refuse 2 . hmm-check $options
	done
	hmm-check --help | grep -q '^usage: hmm-check '
}

@test "a full device" {
	clean >m
	run bash -c 'hmm-check m >/dev/full'
	[ "$status" -eq 1 ]
	[[ "$output" = *"standard output: cannot write"* ]]
}

@test "real data: TCGA-LGG" {
	[ -d "$data/lgg-bids" ] && [ -d "$data/lgg-slices" ] || skip "no $data/lgg-bids, lgg-slices"
	hmm-manifest --bids "$data/lgg-bids" --label large_tumor | hmm-split --ratio 6:1:3 -s 1 | hmm-check >have
	[ "$(wc -l <have)" -eq 1 ]
	awk -F , 'NR == 1 { print "subject\tlabel"; next } { printf "%s_%03d\t%s\n", $1, $2, $3 }' \
		"$data/lgg-slices/slices.csv" >labels.tsv
	hmm-manifest --folder "$data/lgg-slices" --pattern '{group}/{subject}_{modality}.png' \
		--labels labels.tsv 2>/dev/null | hmm-split --ratio 6:1:3 -s 1 >m
	finds hmm-check m -- "blank\twarning\t$data/lgg-slices/TCGA_DU_A5TW/TCGA_DU_A5TW_007_T1post.png" \
		"blank\twarning\t$data/lgg-slices/TCGA_DU_A5TW/TCGA_DU_A5TW_009_T1post.png" 'group-labels\tnote\tgroup'
}

# The clean manifest with a column imputed, and imputed lines: SUBJECT MODALITY SPLIT PATH DIGIT...
with_imputed() {
	local rows=("$@") row
	clean | sed 's/$/\tn\/a/; 1s/n\/a$/imputed/'
	for row in "${rows[@]}"; do
		set -- $row
		table "$1\t$2\t$((${1#s} % 2))\tg${1#s}\t$3\ti/$4.pgm\t$(printf "$5%.0s" {1..64})"
	done
}

@test "imputed: what was made of an image is no twin of it, in its place" {
	with_imputed 's0 c train 0a a' 's0 d train 0a a' 's6 c test 6a a' >m
	hmm-check m >have
	table 'check\tseverity\twhat\tfound' | cmp - have
	hmm-check --no-images m
	# anywhere else it is one, and a leak
	with_imputed 's0 c test 0a a' >m
	finds hmm-check m -- 'group-splits\terror\tg0' 'twin-splits\terror\ti/0a.pgm'
	grep -q '2 lines of one path: i/0a.pgm (subject s0, .*), imputed from i/0a.pgm (subject s0, .*split test' found
	with_imputed 's6 c test 0a a' >m
	finds hmm-check m -- 'twin-splits\terror\ti/0a.pgm'
	with_imputed 's2 c train 0a a' >m
	finds hmm-check --no-images m -- 'twin-groups\twarning\ti/0a.pgm'
	with_imputed 's1 c train 0a a' >m
	finds hmm-check m -- 'twin-labels\terror\ti/0a.pgm' 'twin-groups\twarning\ti/0a.pgm'
	# and twins are counted by their images
	with_imputed 's0 c train 0a a' >m
	image i/2a.pgm 'a0\001'
	finds hmm-check m -- 'twin-groups\twarning\ti/0a.pgm'
	grep -q '2 images with the same pixels: ' found
}

@test "imputed: beside a real one, by two generators, twice, without its source" {
	with_imputed 's0 b train 0a a' >m
	finds hmm-check m -- 'imputed-mixed\twarning\ts0'
	grep -q 'b: 1 real and 1 imputed lines of 1 generator, which no set takes together$' found
	with_imputed 's0 c train 0a a' 's0 c train 0b b' 's0 c train 0b a' 's1 c train 1a a' >m
	finds hmm-check m -- 'imputed-mixed\twarning\ts0'
	grep -q 'c: 0 real and 3 imputed lines of 2 generators' found
	with_imputed 's0 c train 0a a' 's0 c train 0a a' >m
	finds hmm-check m -- 'imputed-twice\twarning\ti/0a.pgm'
	grep -q 'stands in rows 17 and 18' found
	with_imputed 's3 c train 3a a' 's0 c train 0a a' | grep -v '/3a.pgm	n/a' >m
	finds hmm-check m -- 'imputed-source\twarning\ti/3a.pgm'
	grep -q '1 of 2 imputed lines' found
	with_imputed 's0 c train 0a A' >m
	refuse 1 "row 17: imputed 'A" hmm-check m
}

@test "imputed: it is not there, where presence is tested, and is read once" {
	for i in $(seq 40); do
		label=$((i % 2))
		table "s$i\tT1w\t$label\tn/a\tt$i\tn/a"
		[ $label = 1 ] || table "s$i\tPET\t$label\tn/a\tp$i\tn/a"
	done >rows
	header='subject\tmodality\tlabel\tsplit\tpath\timputed'
	{ table "$header"; cat rows; } >m
	finds hmm-check --no-images m -- 'split-empty\tnote\tsplit' 'presence\twarning\tPET'
	for i in $(seq 1 2 39); do table "s$i\tPET\t1\tn/a\tt$i\t$(printf 'a%.0s' {1..64})"; done >>m
	finds hmm-check --no-images m -- 'split-empty\tnote\tsplit' 'presence\twarning\tPET'
	with_imputed 's0 c train 0a a' 's0 d train 0b b' >m
	rm i/0a.pgm
	image i/0b.pgm '000'
	finds hmm-check m -- 'unreadable\terror\ti/0a.pgm' 'blank\twarning\ti/0b.pgm'
}

@test "--all: a line of each check that found nothing, of those that were made" {
	printf 'subject\tmodality\tlabel\tsplit\n' >m.tsv
	for i in 1 2 3 4; do printf 's%s\ta\t%s\t%s\n' $i $((i % 2)) "$([ $i -lt 3 ] && echo train || echo test)"; done >>m.tsv
	hmm-check --no-images m.tsv >short
	hmm-check --all --no-images m.tsv >all
	diff short <(awk -F'\t' '$2 != "ok"' all)
	[ "$(awk -F'\t' '$2 == "ok" { print $1 }' all | paste -sd' ')" = 'group-splits subject-groups subject-splits split-missing split-unknown split-labels subject-labels twin-labels twin-splits twin-groups twin-subjects twin-images imputed-mixed imputed-twice imputed-source presence' ]
	# what was not looked at is not ok
	cut -f 1,3 m.tsv | hmm-check --all --no-images | awk -F'\t' '$2 == "ok" && $1 ~ /^(split|presence|unreadable|trained)/ { exit 1 }'
	printf 's1\ta\t0\ttrain\n' | cat m.tsv - >two.tsv
	run hmm-check --all --no-images two.tsv
	[ "$status" = 1 ]
	[[ "$output" != *$'subject-labels\tok'* ]]
}
