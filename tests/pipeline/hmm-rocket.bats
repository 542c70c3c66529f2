load helper

# N samples of K columns, of which the second follows SEED: csv FILE SEED [N]
csv() {
	awk -v seed="$2" -v n="${3:-60}" 'BEGIN {
		srand(seed)
		print "C3,C4,Pz"
		for (t = 0; t < n; t++) printf "%.6f,%.6f,%.6f\n", rand(), sin(t / (2 + seed)), rand() * rand()
	}' >"$1"
}

# A manifest of one row: one PATH [MODALITY]
one() { printf 'subject\tmodality\tpath\nd\t%s\t%s\n' "${2:-C3}" "$1"; }

# The features of whole files: of WEIGHTS FILE...
of() { hmm-manifest -q --signals "${@:2}" 2>/dev/null | hmm-rocket -w "$1"; }

# Four subjects a.csv to d.csv in two splits, and what is trained on train.
study() {
	local subject seed=0
	for subject in a b c d; do csv $subject.csv $((++seed)) $((50 + 10 * seed)); done
	hmm-manifest --signals {a,b,c,d}.csv | awk -F'\t' -v OFS='\t' '
		NR > 1 { n = index("abcd", $1); $3 = n % 2; $4 = "g-" $1; $5 = n < 4 ? "train" : "test" } 1' >manifest.tsv
	hmm-rocket --train -o rocket.safetensors manifest.tsv
}

# Five records of four samples, 1 to 20, a tenth of a unit each; and of EDF+ annotations, of EDF a
# flat signal, of BDF its Status: edf FILE RESERVED RECORDS
edf() {
	local i n second='EEG C4' least=-1000 most=1000 mark='0       ' pad=
	case $2 in
	EDF+*) second='EDF Annotations' least=-32768 most=32767 ;;
	24BIT) second=Status mark='\xffBIOSEMI' pad='\0' ;;
	esac
	{
		printf "$mark%-80s%-80s01.01.0100.00.00%-8d%-44s%-8d%-8d%-4d" 'X X X X' 'Startdate 01-JAN-2001 X X X' 768 "$2" "$3" 1 2
		printf '%-16s%-16s%-80s%-80s%-8s%-8s' 'EEG C3' "$second" '' '' uV uV
		printf '%-8d%-8d' -100 -100 100 100 -1000 $least 1000 $most
		printf '%-80s%-80s%-8d%-8d%-32s%-32s' '' '' 4 4 '' ''
		for ((i = 0; i < 5; i++)); do
			for n in 1 2 3 4; do printf "\\x$(printf %02x $((4 * i + n)))\\0$pad"; done
			case $2 in
			EDF+*) printf "+$i\\x14\\x14\\0\\0\\0\\0" ;;
			24BIT) printf "\\x$(printf %02x $i)\\0\\0\\2\\0\\0\\3\\0\\0\\4\\0\\0" ;;
			*) printf '\0\0\0\0\0\0\0\0' ;;
			esac
		done
	} >"$1"
}

npy() { # FILE SHAPE NUMBER...: bytes as numbers
	local header="{'descr': '|u1', 'fortran_order': False, 'shape': $2, }"$'\n' n
	printf "\\x93NUMPY\\x01\\x00\\x$(printf %02x ${#header})\\x00%s" "$header" >"$1"
	for n in "${@:3}"; do printf "\\x$(printf %02x "$n")"; done >>"$1"
}

@test "hmm-rocket: a ramp's share of places above each bias, counted by hand" {
	printf 'x\n1\n2\n3\n4\n5\n6\n7\n8\n9\n' >ramp.csv
	hmm-manifest --signals ramp.csv | hmm-rocket --train --features 84 -o rocket.safetensors
	hmm-show rocket.safetensors | grep -qx 'mean	F32	(1)	5	5	5'
	hmm-show rocket.safetensors | grep -q '^sd	F32	(1)	2.5819'
	of rocket.safetensors ramp.csv >features.hmm
	hmm-show features.hmm >shown
	[ "$(awk -F'\t' '/^ramp/ { print $1, $3, $6, $10 }' shown)" = 'ramp x ramp.csv (84,1,1)' ]
	# nine places: every share is a ninth
	mkdir npy
	hmm-show --npy npy features.hmm >/dev/null
	tail -c 336 npy/000000.npy | od -An -v -tf4 -w4 | awk '{ n = $1 * 9; bad += n - int(n + .5) > 1e-5 || int(n + .5) - n > 1e-5; all += n } END { exit bad || all < 100 || all > 656 }'
}

@test "hmm-rocket: mean and deviation are those of all samples of train" {
	printf 'x\n1\n2\n3\n' >a.csv
	printf 'x\n7\n8\n9\n10\n' >b.csv
	hmm-manifest --signals a.csv b.csv | hmm-rocket --train --features 84 -o rocket.safetensors
	hmm-show rocket.safetensors | grep -qx 'mean	F32	(1)	5.71429	5.71429	5.71429'
	hmm-show rocket.safetensors | grep -qx 'sd	F32	(1)	3.36852	3.36852	3.36852'
}

@test "hmm-rocket: a record a channel, with what the row says" {
	study
	hmm-rocket -w rocket.safetensors manifest.tsv >features.hmm
	hmm-show features.hmm | awk -F'\t' -v OFS='\t' '!/^[#]/ { print $1, $2, $3, $5, $6, $7, $8, $10 }' >shown
	diff - shown <<-END
		subject	group	modality	split	source	label	index	shape
		$(for s in a:1:train b:0:train c:1:train d:0:test; do
			IFS=: read -r name label split <<<"$s"
			for channel in C3 C4 Pz; do printf '%s\t%s\t%s\t%s\t%s.csv[%s]\t%s\tn/a\t(504,1,1)\n' $name g-$name $channel $split $name $channel $label; done
		done)
	END
	hmm-show rocket.safetensors | grep -qx '# length	70' # the median of train, not of all
	# whom it was trained on
	hmm-check --no-images --trained-on rocket.safetensors manifest.tsv >found || true
	grep -c ^trained found | grep -qx 0
	sed 's/train/test/' manifest.tsv | hmm-check --no-images --trained-on rocket.safetensors >found || true
	[ "$(awk '$1 ~ /^trained/ { print $2, $3 }' found | paste -sd,)" = 'error g-a,error g-b,error g-c' ]
	# a modality is what the row calls it, whatever it is in the file
	sed 's/	Pz	/	EEG parietal	/' manifest.tsv >renamed.tsv
	hmm-rocket --train -o renamed.safetensors renamed.tsv
	hmm-show renamed.safetensors | grep -qx '# channel.2	EEG parietal'
	hmm-rocket -w renamed.safetensors renamed.tsv | hmm-show | grep -c 'EEG parietal' | grep -qx 4
}

@test "hmm-rocket: neither the order of rows nor -j changes a byte, of training and features" {
	study
	{ head -n 1 manifest.tsv; tail -n +2 manifest.tsv | tac; } >tac.tsv
	for biases in frozen pooled; do
		hmm-rocket --train --biases $biases -j 1 -o one.safetensors manifest.tsv
		hmm-rocket --train --biases $biases -j 3 -o two.safetensors tac.tsv
		cmp one.safetensors two.safetensors
		hmm-rocket -w one.safetensors -j 1 manifest.tsv >one.hmm
		hmm-rocket -w one.safetensors -j 3 <tac.tsv >two.hmm
		cmp one.hmm two.hmm
		HMM_CPU=plain hmm-rocket -w one.safetensors manifest.tsv | cmp - one.hmm
	done
}

@test "hmm-rocket: what is frozen follows from train alone" {
	study
	csv d.csv 9 30
	hmm-rocket --train -o again.safetensors manifest.tsv
	cmp rocket.safetensors again.safetensors
	csv c.csv 9 80
	hmm-rocket --train -o again.safetensors manifest.tsv
	differ rocket.safetensors again.safetensors
	sed 's/train/val/' manifest.tsv >none.tsv
	refuse 1 "no rows of split 'train'" hmm-rocket --train -o x.safetensors none.tsv
	[ ! -e x.safetensors ]
}

@test "hmm-rocket: a dead channel is a record that is not there, and counted" {
	study
	awk -F, -v OFS=, 'NR > 1 { $2 = 7; $3 = "NaN" } 1' d.csv >dead.csv && mv dead.csv d.csv
	hmm-rocket -w rocket.safetensors manifest.tsv >features.hmm 2>err
	[ "$(hmm-show features.hmm | awk '$1 == "d" { print $3 }')" = C3 ]
	grep -q 'd.csv\[C4\]: a dead channel, flat, and left out (and 1 more of this kind)' err
	# in train a dead channel changes no mean
	printf 'C4,Pz\n3,\n3,\n' >e.csv
	printf 'c\t%s\t1\tg-c\ttrain\te.csv[%s]\tn/a\n' C4 C4 Pz Pz >>manifest.tsv
	hmm-rocket --train -o again.safetensors manifest.tsv
	cmp rocket.safetensors again.safetensors
	# one that train has not
	printf 'Oz\n1\n2\n' >f.csv
	of rocket.safetensors f.csv 2>err | hmm-show | grep -c ^f | grep -qx 0
	grep -q "warning: f.csv: 'Oz' was not in train and is left out" err
}

@test "hmm-rocket: samples of another unit are told, and coded" {
	printf 'x\n1\n2\n3\n4\n5\n6\n7\n8\n9\n' >a.csv
	hmm-manifest --signals a.csv | hmm-rocket --train --features 84 -o rocket.safetensors 2>err
	of rocket.safetensors a.csv >features.hmm 2>>err
	! grep -q 'same unit' err || return 1
	awk 'NR > 1 { $1 = 5 + 1000 * ($1 - 5) } 1' a.csv >micro.csv
	awk 'NR > 1 { $1 = 5 + ($1 - 5) / 100 } 1' a.csv >kilo.csv
	of rocket.safetensors micro.csv 2>err | hmm-show | grep -q '^micro'
	grep -qx 'hmm-rocket: warning: micro.csv: its samples are 1e+03 standard deviations from the mean of training: in the same unit?' err
	of rocket.safetensors kilo.csv 2>err >features.hmm
	grep -q 'kilo.csv: its samples are 0.01 standard deviations' err
}

@test "hmm-rocket: missing samples end a channel, and are an error within" {
	study
	head -n 41 d.csv >short.csv
	awk -F, -v OFS=, 'NR > 41 { $1 = ""; $2 = "?"; $3 = "n/a" } 1' d.csv >long.csv
	for name in short long; do
		mv $name.csv d.csv
		of rocket.safetensors d.csv >$name.hmm
	done
	cmp short.hmm long.hmm
	# lines of blanks are none
	{ printf ' \r\n'; sed 's/$/\n  \r/' d.csv; printf '\n  '; } >blank.csv
	mv d.csv kept.csv && mv blank.csv d.csv
	of rocket.safetensors d.csv | cmp - short.hmm
	mv kept.csv d.csv
	# of a single column they are samples
	printf 'x\n1\n \n3\n' >single.csv
	one single.csv x >single.tsv
	refuse 1 "single.csv: channel 'x': sample 2 is missing" hmm-rocket -w rocket.safetensors single.tsv
	sed -i '5s/^[^,]*/NaN/' d.csv
	refuse 1 "d.csv: channel 'C3': sample 4 is missing; interpolate it" hmm-rocket -w rocket.safetensors manifest.tsv
	for word in inf 0x1A; do
		sed -i "5s/^[^,]*/$word/" d.csv
		refuse 1 "d.csv: row 4, column 'C3': '$word', want a number" hmm-rocket -w rocket.safetensors manifest.tsv
	done
	sed -i '5s/^[^,]*/1e39/' d.csv
	refuse 1 "sample 4 is infinite" hmm-rocket -w rocket.safetensors manifest.tsv
	grep -v 'd.csv\[C3\]' manifest.tsv | hmm-rocket -w rocket.safetensors | hmm-show | grep -c '^d' | grep -qx 2
}

@test "hmm-rocket: windows are records of their own, equal to files of those samples" {
	study
	hmm-rocket --train --window 20 --step 15 -o windows.safetensors manifest.tsv
	hmm-show windows.safetensors | grep -qx '# length	20'
	of windows.safetensors a.csv >windows.hmm
	[ "$(hmm-show windows.hmm | awk '$3 == "C4" { print $8 "/" $9 }' | paste -sd' ')" = '0/3 1/3 2/3' ]
	{ head -n 1 a.csv; sed -n '32,51p' a.csv; } >cut.csv # the window from sample 30 on
	of windows.safetensors cut.csv >cut.hmm
	mkdir w c
	hmm-show --npy w windows.hmm >/dev/null
	hmm-show --npy c cut.hmm >/dev/null
	cmp w/000002.npy c/000000.npy
	awk -F, -v OFS=, 'NR > 1 && NR < 37 { $2 = 1 } 1' a.csv >flat.csv
	of windows.safetensors flat.csv 2>err | hmm-show >shown
	[ "$(awk '$3 == "C4" { print $8 "/" $9 }' shown)" = 2/3 ]
	grep -q 'flat.csv\[C4\]: window 0 is flat and left out (and 1 more' err
	head -n 10 a.csv >tiny.csv
	of windows.safetensors tiny.csv 2>err | hmm-show >shown
	[ "$(grep -c ^tiny shown)" = 0 ]
	grep -q ': 9 samples are shorter than a window of 20' err
}

@test "hmm-manifest --signals: a row a channel, and of a .ts a channel and case" {
	printf '@problemName x\n@univariate false\n@classLabel true b a\n@data\n1,2,3,5:4,5,9,1:b\n\n1,?,2:3,5,9:a\n2,1,7,?:5,5,5:a\n' >two_TRAIN.ts
	hmm-manifest --signals two_TRAIN.ts >listed 2>err
	diff - listed <<-END
		subject	modality	label	group	split	path	class
		$(for s in 1:1:b 2:0:a 3:0:a; do
			IFS=: read -r case label class <<<"$s"
			for channel in channel-01 channel-02; do printf 'two_TRAIN-0000%d\t%s\t%d\ttwo_TRAIN-0000%d\ttrain\ttwo_TRAIN.ts[%s]#%d\t%s\n' $case $channel $label $case $channel $case $class; done
		done)
	END
	grep -qx 'hmm-manifest: label class: b -> 1 (1 subjects), a -> 0 (2)' err
	hmm-manifest --signals two_TRAIN.ts --positive a 2>err | cut -f 3 | paste -sd' ' | grep -qx 'label 0 0 1 1 1 1'
	grep -qx 'hmm-manifest: label: a -> 1 (2 subjects), b -> 0 (1)' err
	# a label is of a subject: also where two cases of one class follow on each other
	sed 's/1,?,2/1,4,2/; s/:b$/:c/; s/true b a/true c a/' two_TRAIN.ts >three_TEST.ts
	hmm-manifest --signals three_TEST.ts two_TRAIN.ts 2>err | awk -F'\t' '{ print $3, $5, $7 }' | sort | uniq -c | tr -s ' ' | paste -sd, >shown
	[ "$(cat shown)" = ' 1 label split class, 4 n/a test a, 2 n/a test c, 4 n/a train a, 2 n/a train b' ]
	grep -q 'label class: n/a, as there are 3: --positive says which are 1' err
	printf 'subject\tdied\ntwo_TRAIN-00002\tyes\ntwo_TRAIN-00001\tno\n' >labels.tsv
	hmm-manifest --signals two_TRAIN.ts --labels labels.tsv --label died --positive yes 2>err | cut -f 3 | paste -sd' ' | grep -qx 'label 0 0 1 1 n/a n/a'
	grep -q 'labels.tsv: 2 channels have no row in it' err
	refuse 1 'two_TRAIN.ts#2: channel .channel-01.: sample 2 is missing' hmm-rocket --train -o x.safetensors listed
	grep -v '\[channel-01\]#2' listed | hmm-rocket --train -o rocket.safetensors
	# the flat channel of the third case is not there
	grep -v '\[channel-01\]#2' listed | hmm-rocket -w rocket.safetensors 2>/dev/null | hmm-show | awk '/^two/ { print $3, $6, $7 }' >shown
	diff - shown <<-END
		channel-01 two_TRAIN.ts[channel-01]#1 1
		channel-02 two_TRAIN.ts[channel-02]#1 1
		channel-02 two_TRAIN.ts[channel-02]#2 0
		channel-01 two_TRAIN.ts[channel-01]#3 0
	END
	printf '@data\n1,2\n3,4\n' >one.ts
	hmm-manifest --signals one.ts | awk 'NR > 1 { print $2, $3, $5, $6, $7 }' | paste -sd, | grep -qx 'channel-01 n/a n/a one.ts#1 n/a,channel-01 n/a n/a one.ts#2 n/a'
}

@test "hmm-manifest --signals: names of channels as they are, or none" {
	# blanks and brackets within, and what a table escapes
	printf 'EEG [uV],#1 a\\b,T\xc3\xa93\n1,2,5\n2,3,7\n3,9,1\n' >odd.csv
	hmm-manifest --signals odd.csv >odd.tsv
	cut -f 2,6 odd.tsv | diff - <(printf '%s\t%s\n' modality path '#1 a\\b' 'odd.csv[#1 a\\b]' 'EEG [uV]' 'odd.csv[EEG [uV]]' $'T\xc3\xa93' $'odd.csv[T\xc3\xa93]')
	hmm-rocket --train --features 84 -o odd.safetensors odd.tsv
	hmm-rocket -w odd.safetensors odd.tsv | hmm-show --json | grep -c '"modality":"EEG \[uV\]"' | grep -qx 1
	hmm-manifest --signals 'odd.csv[E*,T*]' | wc -l | grep -qx 3
	refuse 1 "odd.csv: no channel X\*" hmm-manifest --signals 'odd.csv[X*]'
	for name in A1+A2 'A]1' '[A' '" A"' n/a; do
		printf '%s,C3\n1,2\n' "$name" >odd.csv
		refuse 1 "odd.csv: channel '.*' cannot be a modality" hmm-manifest --signals odd.csv
		[ "$(hmm-manifest --signals 'odd.csv[C*]' | awk 'END { print $2, $6 }')" = 'C3 odd.csv[C3]' ]
	done
	mkdir one two
	printf 'C3\n1\n2\n' | tee one/eeg.csv >two/eeg.csv
	printf 'C4\n1\n2\n' >two/eeg.tsv
	refuse 1 "subject 'eeg' has channel 'C3' in one/eeg.csv and in two/eeg.csv, want files of other names" hmm-manifest --signals {one,two}/eeg.csv
	hmm-manifest --signals one/eeg.csv two/eeg.tsv | wc -l | grep -qx 3
	refuse 2 'signals wants FILEs' hmm-manifest --signals
	refuse 2 'axes does nothing without --signals' hmm-manifest --bids . --axes channels-time
	refuse 2 'want one of --bids' hmm-manifest --signals --bids . odd.csv
	refuse 1 'x.txt: no known kind of signal' hmm-manifest --signals x.txt
	refuse 1 'hmm-manifest: .*none.csv' hmm-manifest --signals none.csv
}

@test "hmm-rocket: channels go missing and are divided as images are" {
	study
	hmm-drop --modality C4 --rate 0.5 -s 1 manifest.tsv >dropped.tsv
	kept=$(grep -c '	C4	' dropped.tsv) && [ "$kept" -lt 4 ]
	hmm-rocket -w rocket.safetensors dropped.tsv | hmm-show | awk '$3 == "C4"' | wc -l | grep -qx "$kept"
	hmm-split --ratio 2:1:1 -s 1 manifest.tsv | awk -F'\t' 'NR > 1 { print $1, $5 }' | sort -u | wc -l | grep -qx 4
	printf 'x\n1\n2\n' >e.csv
	hmm-manifest -q --signals e.csv | tail -n 1 >>manifest.tsv
	hmm-check manifest.tsv >found || true
	[ "$(grep -c error found)" = 0 ]
	sed 's/e.csv/f.csv/' manifest.tsv >none.tsv
	awk -F'\t' -v OFS='\t' '$1 == "a" && $2 == "C4" { $5 = "test" } 1' none.tsv >leak.tsv
	hmm-check leak.tsv 2>err | awk '{ print $1, $2, $3 }' >found || true
	grep -qx 'unreadable error f.csv' found
	grep -qx 'group-splits error g-a' found
}

@test "hmm-rocket: the same samples in CSV, .npy, .ts and EDF are the same features" {
	edf signal.edf '' 5
	{ echo 'x;y'; seq 20 | sed 's/$/;0/'; } >signal.csv
	npy rows.npy '(2, 20)' $(seq 20) $(printf '0 %.0s' {1..20})
	npy columns.npy '(20, 2)' $(seq 20 | sed 's/$/ 0/')
	npy one.npy '(20,)' $(seq 20)
	npy last.npy '(2, 20)' $(printf '7 %.0s' {1..20}) $(seq 20)
	printf '@data\n%s:0,0,0\n' "$(seq -s, 20)" >signal.ts
	hmm-rocket --train --features 84 -o rocket.safetensors <(one one.npy x)
	for path in one.npy signal.csv[x] rows.npy[row-01] last.npy[row-02] columns.npy[column-01] signal.ts[channel-01]#1; do
		mkdir "of.$path"
		hmm-rocket -w rocket.safetensors <(one $path x) | hmm-show --npy "of.$path" >/dev/null
		cmp of.one.npy/000000.npy "of.$path/000000.npy"
	done
	# rows need not be in the order of the file
	{ echo y,x; seq 20 | awk '{ print $1 % 7 "," $1 }'; } >turned.csv
	mkdir turned
	hmm-manifest --signals turned.csv | sed 's/	y	/	x	/' | hmm-rocket -w rocket.safetensors | hmm-show --npy turned | awk '!/^#/ { print $6 }' | paste -sd' ' | grep -qx 'source turned.csv\[x\] turned.csv\[y\]'
	cmp of.one.npy/000000.npy turned/000000.npy
	refuse 1 'rows.npy: no channel .row-03. in it' hmm-rocket -w rocket.safetensors <(one rows.npy[row-03])
	refuse 1 'rows.npy: no channel .row-1. in it' hmm-rocket -w rocket.safetensors <(one rows.npy[row-1])
	[ "$(hmm-manifest --signals --axes time-channels columns.npy | awk '{ print $6 }' | paste -sd' ')" = 'path columns.npy[column-01] columns.npy[column-02]' ]
	hmm-manifest --signals --axes channels-time rows.npy | cut -f 2 | paste -sd' ' | grep -qx 'modality row-01 row-02'
	hmm-manifest --signals one.npy | awk '{ print $2, $6 }' | tail -n 1 | grep -qx 'channel-01 one.npy'
	# physical: a tenth of the digital numbers
	edf plus.edf EDF+C 5
	edf bytes.bdf 24BIT 5
	for file in signal.edf plus.edf bytes.bdf; do
		hmm-manifest --signals $file | hmm-rocket --train --features 84 -o edf.safetensors
		[ "$(hmm-show edf.safetensors | grep -c '# channel')" = 1 ]
		hmm-show edf.safetensors | grep -q '# channel.0	EEG C3'
		hmm-show edf.safetensors | grep -q '^mean	F32	(1)	1.05	'
	done
	# Status and annotations are no channels; one that is alone needs no brackets
	hmm-manifest --signals signal.edf plus.edf bytes.bdf | cut -f 2,6 | diff - <(printf '%s\t%s\n' modality path \
		'EEG C3' bytes.bdf 'EEG C3' plus.edf 'EEG C3' 'signal.edf[EEG C3]' 'EEG C4' 'signal.edf[EEG C4]')
	sed -n 's/;0$//; 2,$p' signal.csv | awk 'BEGIN { print "EEG C3" } { printf "%.1f\n", $1 / 10 }' >tenths.csv
	hmm-manifest --signals tenths.csv | hmm-rocket --train --features 84 -o csv.safetensors
	hmm-show csv.safetensors | grep -v ^groups | diff - <(hmm-show edf.safetensors | grep -v ^groups)
}

@test "hmm-rocket: a file that many rows name is opened once" {
	study
	strace -f -e trace=openat -o trace hmm-rocket -q -w rocket.safetensors manifest.tsv >features.hmm || skip 'no strace'
	[ "$(grep -c '"a.csv"' trace)" = 1 ]
	printf '@data\n1,2,3:4,5,9\n2,1,7:5,5,6\n' >many.ts
	hmm-manifest --signals many.ts >many.tsv
	strace -f -e trace=openat -o trace hmm-rocket --train --features 84 -o many.safetensors many.tsv
	[ "$(grep -c '"many.ts"' trace)" = 1 ]
}

@test "hmm-rocket: what EDFlib refuses is refused by name, with the way out" {
	edf good.edf '' 5
	edf gaps.edf EDF+D 5
	edf open.edf '' -1
	head -c -5 good.edf >cut.edf
	: >empty.edf
	mkfifo pipe.edf
	refuse 1 'gaps.edf: discontinuous \(EDF\+D, BDF\+D\), want .* EDFbrowser' hmm-manifest --signals gaps.edf
	refuse 1 'open.edf: no EDF or BDF that EDFlib takes.*EDFbrowser' hmm-manifest --signals open.edf
	refuse 1 'cut.edf: no EDF or BDF that EDFlib takes' hmm-manifest --signals cut.edf
	refuse 1 'empty.edf: ' hmm-manifest --signals empty.edf
	refuse 1 'pipe.edf: not a regular file but a pipe' hmm-manifest --signals pipe.edf
	refuse 1 'gaps.edf: discontinuous' hmm-rocket --train -o x.safetensors <(one 'gaps.edf[EEG C3]')
	[ ! -e x.safetensors ]
}

@test "hmm-rocket: broken signals are one line each" {
	study
	w() { hmm-rocket -w rocket.safetensors <(one "${1-d.csv[C3]}"); }
	printf 'C3,C4\n1,2\n1\n' >d.csv
	refuse 1 'd.csv: row 2: 1 columns, want 2' w
	printf 'C3,C4\n1,2\n1,2,3\n' >d.csv
	refuse 1 'd.csv: row 2: 3 columns, want 2' w
	refuse 1 'd.csv: row 2: 3 columns' w d.csv
	printf 'C4,C3\n1,2\n1,x\n' >d.csv
	refuse 1 "d.csv: row 2, column 'C3': 'x', want a number" w
	printf '1,2\n3,4\n' >d.csv
	refuse 1 'first line begins with a number' w
	printf 'C3,C3\n1,2\n' >d.csv
	refuse 1 "channel 'C3' stands twice" w
	: >d.csv
	refuse 1 'empty, want a header' w
	printf 'C3\n1\0\n' >d.csv
	refuse 1 'zero byte' w
	printf '%0*d\n1\n' 50000 0 | sed 's/0/C,/g' >d.csv
	refuse 1 "d.csv: " w
	{ printf 'C,%.0s' {1..3000}; seq 1000; } >d.csv
	refuse 1 'd.csv: 3001 columns in its header are more than its 999 rows can have' w
	printf 'Oz\n1\n2\n' >d.csv
	refuse 1 "d.csv: no channel 'C3' in it" w
	npy d.npy '(3, 4, 5)' $(seq 60)
	refuse 1 'shape \(3,4,5\), want' w d.npy[row-01]
	npy d.npy '(5, 4)' $(seq 20)
	refuse 1 'd.npy: shape \(5,4\), whose channels may be its rows' w d.npy
	refuse 1 'd.npy: shape \(5,4\), whose channels may be its rows' hmm-manifest --signals d.npy
	{ npy d.npy '(2, 5000)'; head -c 10000 /dev/zero >>d.npy; }
	refuse 1 'd.npy: more than 4096 channels; does time go along the other axis' hmm-manifest --signals --axes time-channels d.npy
	npy d.npy '(99999999999, 4)' $(seq 20)
	refuse 1 'do not fit its shape' w d.npy[row-01]
	printf '@data\n1,2:3,4\n' >d.ts
	refuse 1 'd.ts#2: no such case, want #1 to #1' w d.ts[channel-01]#2
	refuse 1 'd.ts: many cases' w d.ts[channel-01]
	refuse 1 'd.ts: 2 channels, want one of them' w d.ts#1
	refuse 1 'a.csv#1: it has no cases' w a.csv[C3]#1
	refuse 1 'a.csv: 3 channels, want one of them: FILE.CHANNEL., as hmm-manifest --signals prints' w a.csv
	printf '@timeStamps true\n@data\n(0,1)\n' >d.ts
	refuse 1 'time stamps' w d.ts#1
	printf '1,2\n' >d.ts
	refuse 1 "'1,2' in its header" w d.ts#1
	printf '@classLabel true a b\n@data\n1,2\n' >d.ts
	refuse 1 'case 1 has no class' w d.ts#1
	refuse 1 'no known kind of signal' w manifest.tsv.gz
	refuse 1 'row 1: no modality' hmm-rocket -w rocket.safetensors <(one d.ts#1 n/a)
	refuse 1 "modality 'A.B' has a '.'" hmm-rocket -w rocket.safetensors <(one d.ts#1 A+B)
}

@test "hmm-rocket: a file of other weights is refused" {
	study
	hmm-weights --random vgg11 --width 0.02 -s 1 -o vgg.safetensors
	refuse 1 'vgg.safetensors: made by .*, want biases of hmm-rocket --train' hmm-rocket -w vgg.safetensors manifest.tsv
	for from in 'length":"70' 'length":"7x' 'sd"' 'channel.2'; do
		sed "s/$from/$(tr 'a-z0-9' 'b-za1-90' <<<"$from")/" rocket.safetensors >broken.safetensors
		cmp -s rocket.safetensors broken.safetensors || refuse 1 broken.safetensors hmm-rocket -w broken.safetensors manifest.tsv
	done
}

@test "hmm-rocket: its history has the digest of its biases, by which models refuse others" {
	study
	hmm-rocket -w rocket.safetensors --show-history >shown
	grep -q "\"weights\":\"$(sha256sum <rocket.safetensors | cut -c 1-64)\"" shown
	grep -q '"program":"hmm-rocket"' shown
	hmm-rocket -w rocket.safetensors manifest.tsv >features.hmm
	hmm-condition --train --epochs 1 --stop-on training --schedule constant --checkpoint last -o phi.safetensors <features.hmm
	hmm-condition -w phi.safetensors <features.hmm | hmm-show | grep -c '^d' | grep -qx 3
	hmm-rocket --train -s 1 -o other.safetensors manifest.tsv
	hmm-rocket -w other.safetensors manifest.tsv >other.hmm
	refuse 1 'hmm-rocket' hmm-condition -w phi.safetensors <other.hmm
}

@test "hmm-rocket: no rows are a stream of no records" {
	study
	head -n 1 manifest.tsv >empty.tsv
	hmm-rocket -w rocket.safetensors empty.tsv | hmm-show | grep -c '^[^#]' | grep -qx 1
	refuse 1 'no channel that is alive' hmm-rocket --train -o x.safetensors empty.tsv
}

@test "hmm-rocket: wrong usage" {
	refuse 2 'want either -w FILE or --train -o FILE' hmm-rocket a.tsv
	refuse 2 'want either -w FILE or --train -o FILE' hmm-rocket --train a.tsv
	refuse 2 'want either -w FILE or --train -o FILE' hmm-rocket -w a -o b a.tsv
	refuse 2 'one manifest wanted, found 2' hmm-rocket -w a a.tsv b.tsv
	refuse 2 'features' hmm-rocket -w a --features 84 a.tsv
	refuse 2 'step with --window' hmm-rocket --train -o x --step 3 a.tsv
	refuse 2 'seed' hmm-rocket --train -o x --biases pooled -s 1 a.tsv
	printf 'x\n1\n2\n' >a.csv
	refuse 2 'features: found 500, want a multiple of 84 up to 9996' hmm-rocket --train -o x --features 500 none.tsv
	refuse 2 'window: found 5, want 9 to 1048576, or --length' hmm-rocket --train -o x --window 5 none.tsv
	refuse 2 'length: found 8, want 9 to 1048576' hmm-rocket --train -o x --length 8 none.tsv
	# of old Macs there is one line
	printf 'x\r1\r2\r' >mac.csv
	refuse 1 'mac.csv: its first line ends in a lone CR' hmm-manifest --signals mac.csv
	refuse 1 'cannot open' hmm-rocket -w none.safetensors <(one a.csv)
}

@test "hmm-rocket: JapaneseVowels through the method" {
	data=${HMM_DATA:-$root/../shared/data}/signals
	[ -e "$data/JapaneseVowels_TRAIN.ts" ] || skip "no $data/JapaneseVowels_TRAIN.ts"
	# speakers 1 to 4 against the others; one of ten of train is val
	hmm-manifest --signals --positive '<5' "$data"/JapaneseVowels_*.ts | awk -F'\t' -v OFS='\t' '
		NR > 1 && $5 == "train" && $1 ~ /0$/ { $5 = "val" } 1' >manifest.tsv
	hmm-rocket --train --features 84 -o rocket.safetensors manifest.tsv
	hmm-rocket -w rocket.safetensors manifest.tsv >features.hmm
	[ "$(hmm-show features.hmm | grep -c ^Japanese)" = 7680 ]
	hmm-condition --train --epochs 2 -o phi.safetensors <features.hmm
	hmm-condition -w phi.safetensors <features.hmm | hmm-setsum >sets.hmm
	hmm-rho --train --epochs 20 --hidden 16 -o rho.safetensors <sets.hmm
	hmm-rho -w rho.safetensors <sets.hmm >predictions.tsv
	hmm-score --bootstrap 0 predictions.tsv >scores.tsv
	awk '$1 == "auc" { print; exit $2 < .9 }' scores.tsv
}

@test "hmm-rocket: a case without its class, of another class or with fewer channels is refused" {
	case_of() { # CASE MESSAGE
		printf '@classLabel true a b\n@data\n1,2,3:4,5,6:a\n%s\n' "$1" >bad.ts
		refuse 1 "$2" hmm-manifest --signals bad.ts
	}
	case_of '1,2,3:4,5,6' "case 2: its class '4,5,6' is none of @classLabel a b"
	case_of '1,2,3:4,5,6:A' "case 2: its class 'A' is none of @classLabel a b"
	case_of '1,2,3:a' 'case 2 has 1 channels, want 2 as in case 1'
	printf '@classLabel true a b\n@data\n1,2,3:4,5,6:a\n1,2,4:4,5,6:?\n' >good.ts
	hmm-manifest -q --signals good.ts >listed
	[ "$(cut -f 3,7 listed | paste -sd' ')" = $'label\tclass n/a\ta n/a\ta n/a\tn/a n/a\tn/a' ]
}
