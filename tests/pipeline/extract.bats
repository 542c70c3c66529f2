load helper
bats_require_minimum_version 1.5.0

@test "extract: every image gets its features; a second run computes nothing" {
	tiny_study
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	[ "$(awk -F'\t' 'NR > 1 { print length($NF) }' features.tsv | sort -u)" = 64 ]
	[ "$(wc -l <features.tsv)" = "$(wc -l <manifest.tsv)" ]
	find cache -type f -newermt '1 second ago' | wc -l >/dev/null
	before=$(find cache -name '*.hmm' -printf '%p %T@\n' | sort)
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >again.tsv
	cmp features.tsv again.tsv
	[ "$before" = "$(find cache -name '*.hmm' -printf '%p %T@\n' | sort)" ]
}

@test "extract: serial, parallel and shuffled runs fill the same cache" {
	tiny_study
	extract -w vgg.safetensors -c one -j 1 manifest.tsv >one.tsv
	(head -n 1 manifest.tsv; tail -n +2 manifest.tsv | sort -r) >shuffled.tsv
	extract -w vgg.safetensors -c two -j 3 shuffled.tsv >two.tsv
	diff -rx journal.tsv one two
	cmp <(sort one.tsv) <(sort two.tsv)
	hmm-gather -c one one.tsv >one.hmm
	hmm-gather -c two two.tsv >two.hmm
	cmp one.hmm two.hmm
}

@test "extract: a killed run leaves no torn entry and is resumed" {
	tiny_study
	extract -w vgg.safetensors -c whole manifest.tsv >whole.tsv
	extract -w vgg.safetensors -c cache -j 1 manifest.tsv >killed.tsv &
	sleep 0.3
	pkill -P $! || true
	kill $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	sleep 0.3
	for entry in $(find cache -name '*.hmm'); do hmm-show "$entry" >/dev/null; done
	extract -w vgg.safetensors -c cache manifest.tsv >resumed.tsv
	cmp whole.tsv resumed.tsv
	for entry in $(cd whole && find . -name '*.hmm'); do cmp "whole/$entry" "cache/$entry"; done
}

@test "extract: names with a space, quotes, a dollar, a star, a backslash and a newline" {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	mkdir folder
	i=0
	for name in 'a b' "c'd" 'e"f' 'g$HOME' 'h*' 'i\n' $'j\nk' '-l' 'm=n'; do
		i=$((i + 1))
		cp "$t1" "folder/$name.nii.gz"
		printf '%s\tT1w\t0\tfolder/' "s$i"
		printf '%s.nii.gz\n' "$name" | sed -z 's/\\/\\\\/g; s/\n\(.\)/\\n\1/g'
	done >rows
	(printf 'subject\tmodality\tlabel\tpath\n'; cat rows) >odd.tsv
	[ "$(wc -l <odd.tsv)" = 10 ]
	extract -w vgg.safetensors -c cache -j 2 odd.tsv >features.tsv
	[ "$(hmm-gather -c cache features.tsv | hmm-show | grep -c '^s[0-9]')" = 9 ]
	# one content, one entry
	[ "$(awk -F'\t' 'NR > 1 { print $NF }' features.tsv | sort -u | wc -l)" = 1 ]
}

@test "extract: other options, other weights, another image: another entry" {
	tiny_study
	head -n 2 manifest.tsv >one.tsv
	hmm-weights --random vgg11 --width 0.03 -s 2 -o other.safetensors
	extract -w vgg.safetensors -c cache one.tsv >a.tsv
	extract -w other.safetensors -c cache one.tsv >b.tsv
	extract -w vgg.safetensors -c cache --slice '--axis coronal' one.tsv >c.tsv
	[ "$(cat a.tsv b.tsv c.tsv | awk -F'\t' '$NF != "features" { print $NF }' | sort -u | wc -l)" = 3 ]
	[ "$(find cache -name '*.hmm' | wc -l)" = 3 ]
}

@test "extract: a broken image is named; what was computed stays" {
	tiny_study
	head -c 500 "$(find study -name '*T1w.nii.gz' | sort | head -n 1)" >broken.nii.gz
	awk -F'\t' -v OFS='\t' 'NR == 4 { for (i = 1; i <= NF; i++) if ($i ~ /nii/) $i = "broken.nii.gz" } NR <= 4' manifest.tsv >mixed.tsv
	run extract -w vgg.safetensors -c cache mixed.tsv
	[ "$status" = 1 ]
	[[ "$output" == *"broken.nii.gz"*"only 2 of 3 images"* ]]
	[ "$(find cache -name '*.hmm' | wc -l)" = 2 ]
	refuse 1 'absent: cannot read' extract -w absent -c cache manifest.tsv
}

# The volume FILE as STEM.hdr.gz and STEM.img.gz.
pair() { # FILE STEM
	zcat "$1" >single.nii
	{
		head -c 108 single.nii
		printf '\0\0\0\0'
		tail -c +113 single.nii | head -c 232
		printf 'ni1\0'
	} | gzip -n >"$2.hdr.gz"
	tail -c +353 single.nii | gzip -n >"$2.img.gz"
}

@test "extract: pairs of a header and an image: either file makes another entry" {
	tiny_study
	mapfile -t volumes < <(find study -name '*T1w.nii.gz' | sort | head -n 2)
	pair "${volumes[0]}" a
	pair "${volumes[1]}" b
	cmp a.hdr.gz b.hdr.gz
	table() { printf 'subject\tmodality\tlabel\tpath\n'; printf 's%s\tT1w\t0\t%s\n' "$@"; }
	table 1 a.hdr.gz 2 b.hdr.gz 3 a.img.gz 4 b.img.gz 5 "${volumes[0]}" 6 "${volumes[1]}" >pairs.tsv
	extract -w vgg.safetensors -c cache pairs.tsv >features.tsv
	block() { mkdir "$2" && hmm-gather -c cache <(sed -n "1p;$1p" features.tsv) | hmm-show --npy "$2" >/dev/null; }
	for row in 2 3 4 5 6 7; do block $row "npy.$row"; done
	for row in 2 4; do cmp npy.$row/*.npy npy.6/*.npy; done
	for row in 3 5; do cmp npy.$row/*.npy npy.7/*.npy; done
	run cmp npy.6/*.npy npy.7/*.npy
	[ "$status" = 1 ]
}

@test "extract: a mask belongs to the entry, and one that is not there is an error" {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	table() { printf 'subject\tmodality\tlabel\tpath\tmask\n'; printf 's\tT1w\t0\t%s\t%s\n' "$@"; }
	table "$t1" n/a >plain.tsv
	table "$t1" "$t1" >masked.tsv
	table "$t1" absent.nii.gz >absent.tsv
	extract -w vgg.safetensors -c cache plain.tsv >a.tsv
	extract -w vgg.safetensors -c cache masked.tsv >b.tsv
	[ "$(cat a.tsv b.tsv | awk -F'\t' '$NF != "features" { print $NF }' | sort -u | wc -l)" = 2 ]
	run extract -w vgg.safetensors -c cache absent.tsv
	[ "$status" = 1 ]
	[[ "$output" == *"absent.nii.gz: cannot open"*"only 0 of 1 images"* ]]
	# as a spreadsheet writes it
	{ printf '\357\273\277'; sed 's/$/\r/' masked.tsv; } >crlf.tsv
	extract -w vgg.safetensors -c cache crlf.tsv | cmp - b.tsv
}

@test "extract: options are words that become no code and no names of files; the programs refuse them" {
	tiny_study
	head -n 2 manifest.tsv >one.tsv
	touch -- '--crop' '0'
	refuse 2 "hmm-slice: .*found '\*'" extract -w vgg.safetensors -c cache --slice '--crop *' one.tsv
	refuse 2 'hmm-slice: ' extract -w vgg.safetensors -c cache --slice '--crop $(touch evil)' one.tsv
	refuse 2 'hmm-slice: .*--mask' extract -w vgg.safetensors -c cache --slice '--mask x' one.tsv
	refuse 2 'hmm-slice: ' extract -w vgg.safetensors -c cache --slice 'x.nii' one.tsv
	refuse 2 'hmm-vgg: ' extract -w vgg.safetensors -c cache --vgg '; touch evil' one.tsv
	for words in --help -V '--crop 0 -h'; do
		refuse 2 "^extract: --slice: found '$words', want options" extract -w vgg.safetensors -c cache --slice "$words" one.tsv
	done
	refuse 2 "^extract: --vgg: found '--version'" extract -w vgg.safetensors -c cache --vgg --version one.tsv
	for words in --list-files '--manifest x' --manifest=x; do
		refuse 2 '^extract: --slice: --[a-z]*.*: not how an image is cut' extract -w vgg.safetensors -c cache \
			--slice "$words" one.tsv
	done
	for words in '-w x' -wx '-qw x' --weights=x '--weig x'; do
		refuse 2 '^extract: --vgg: -.*: extract has a -w' extract -w vgg.safetensors -c cache --vgg "$words" one.tsv
	done
	refuse 2 'want --weights' extract -c cache one.tsv
	[ ! -e evil ]
	[ ! -e cache ]
	mkdir '$(touch evil)'
	cp vgg.safetensors '$(touch evil)/v g;g.safetensors'
	extract -w '$(touch evil)/v g;g.safetensors' -c "\$(touch evil)/c'a" --slice '--crop  128	--resize 128' one.tsv >features.tsv
	[ ! -e evil ]
	[ "$(hmm-gather -c '$(touch evil)'"/c'a" features.tsv | hmm-show | grep -c '^sub-')" = 1 ]
	extract --help | grep -q 'usage: hypermm extract -w'
}

@test "extract: rows that share an image are computed once; comments are left out; other columns stay" {
	tiny_study
	awk -F'\t' -v OFS='\t' 'NR > 1 { $6 = first ? first : first = $6 } 1' manifest.tsv >same.tsv
	{ echo '# a comment'; cat same.tsv; } | extract -w vgg.safetensors -c cache - >features.tsv
	cut -f 1-9 features.tsv | diff - same.tsv
	[ "$(find cache -name '*.hmm' | wc -l)" = 1 ]
}

@test "extract: ten failures and no more are tried; what was whole stays" {
	tiny_study
	{
		printf 'path\n'
		for i in $(seq 14); do
			zcat "$(find study -name '*T1w.nii.gz' | sort | head -n 1)" | head -c $((400 + i)) >"$i.nii"
			echo "$i.nii"
		done
	} >torn.tsv
	run extract -w vgg.safetensors -c cache -j 1 torn.tsv
	[ "$status" = 1 ]
	[ "$(grep -c '^hmm-slice: [0-9]*.nii: truncated' <<<"$output")" = 10 ]
	[[ "${lines[-1]}" == "extract: ten images failed, so no more were tried; see --keep-going" ]]
	[[ "$output" != *parallel* ]]
}

@test "extract: blanks around a name, an escape that is none, a manifest without images" {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	cp "$t1" ' lead.nii.gz '
	cp "$t1" 'a\bc.nii.gz'
	{ printf 'subject\tmodality\tlabel\tpath\n'; printf 's\tT1w\t0\t%s\n' '" lead.nii.gz "' 'a\bc.nii.gz'; } >odd.tsv
	extract -w vgg.safetensors -c cache odd.tsv >features.tsv
	[ "$(hmm-gather -c cache features.tsv | hmm-show | grep -c '^s')" = 3 ]
	refuse 1 'no images' extract -w vgg.safetensors -c cache <(head -n 1 manifest.tsv)
	refuse 1 'line 3: 3 columns, want 4' extract -w vgg.safetensors -c cache <(cat odd.tsv | cut -f 1-4 | sed '3s/\t[^\t]*$//')
	mkdir lone && cp "$root"/pipelines/{extract,hosts,options} lone
	refuse 1 'no hmm-slice in PATH' env -u HMM_BIN PATH=/usr/bin:/bin lone/extract -w vgg.safetensors -c cache manifest.tsv
}

@test "extract: --keep-going prints what has features, and says of each other image why" {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	{
		printf 'path\tmask\n'
		for i in $(seq 12); do
			zcat "$t1" | head -c $((400 + i)) >"torn $i.nii"
			printf 'torn %s.nii\tn/a\n' $i
		done
		printf '%s\t%s\n' "$t1" n/a absent.nii n/a "$t1" absent.mask.nii
	} >some.tsv
	run --separate-stderr extract -k -w vgg.safetensors -c cache -j 2 --slice '--resize 32 --crop 32' some.tsv
	[ "$status" = 1 ]
	[ "$(wc -l <<<"$output")" = 2 ]
	[[ "${lines[1]}" == "$t1"$'\tn/a\t'[0-9a-f]* ]]
	# an image, a line; and what was done
	[ "$(wc -l <<<"$stderr")" = 16 ]
	[[ "${stderr_lines[-2]}" == 'extract: 15 images: 1 done, 0 reused, 14 failed; '* ]]
	for i in $(seq 12); do [ "$(grep -c "^hmm-slice: torn $i.nii: truncated" <<<"$stderr")" = 1 ]; done
	grep -q '^extract: absent.nii: cannot open: No such file' <<<"$stderr"
	grep -q '^extract: absent.mask.nii: cannot open: No such file' <<<"$stderr"
	[ "${stderr_lines[-1]}" = 'extract: only 1 of 15 images have features' ]
	printf '%s\n' "$output" >features.tsv
	hmm-cache has -c cache --require features.tsv
	# what a program says of a record gets the name of its image; nothing is printed where nothing is there
	rm -rf cache bin
	mkdir bin && ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* bin
	rm bin/hmm-vgg
	printf '#!/bin/sh\ncase $* in *history*) exec "%s" "$@" ;; esac\ncat >/dev/null; %s\n' "$(command -v hmm-vgg)" \
		'echo "hmm-vgg: record 1: what?" >&2; exit 1' >bin/hmm-vgg
	chmod +x bin/hmm-vgg
	HMM_BIN=$PWD/bin run --separate-stderr extract -k -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' <(printf 'path\n%s\n' "$t1")
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = "extract: $t1: hmm-vgg: record 1: what?" ]
	[ "${#stderr_lines[@]}" = 3 ]
	# one that was killed says nothing
	sed -i '$s/.*/kill -9 $$/' bin/hmm-vgg
	HMM_BIN=$PWD/bin run --separate-stderr extract -w vgg.safetensors -c cache <(printf 'path\n%s\n' "$t1")
	[ "$status" = 1 ]
	[ -z "$output" ]
	[[ "$stderr" == *"$t1"* ]]
}

@test "extract: warnings of one kind are one line, with a count" {
	tiny_study
	# a qform beside the sform, which says something else
	printf 'path\n' >turned.tsv
	for i in $(seq 5); do
		zcat "$(find study -name '*T1w.nii.gz' | sort | sed -n "${i}p")" >"$i b.nii"
		printf '\1' | dd of="$i b.nii" bs=1 seek=252 conv=notrunc status=none
		echo "$i b.nii" >>turned.tsv
	done
	run --separate-stderr extract -w vgg.safetensors -c cache -j 2 --slice '--resize 32 --crop 32' turned.tsv
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 6 ]
	[ "${#stderr_lines[@]}" = 2 ]
	[[ "${stderr_lines[0]}" == 'hmm-slice: warning: '[1-5]' b.nii: sform and qform disagree by '*' (and 4 more of this kind)' ]]
	# one more of another kind; what is there is not warned of again
	{ cat turned.tsv; find study -name '*T1w.nii.gz' | sort | sed -n 7p; } >more.tsv
	run --separate-stderr extract -w vgg.safetensors -c cache -j 2 --slice '--resize 32 --crop 32' more.tsv
	[ "$status" = 0 ]
	[[ "$stderr" == 'extract: 6 images: 1 done, 5 reused, 0 failed; '* ]]
}

@test "extract: what is no file, and never ends, is refused at once" {
	tiny_study
	t1=$(find study -name '*T1w.nii.gz' | sort | head -n 1)
	mkfifo pipe
	for what in pipe /dev/zero . ; do
		run timeout 20 extract -w vgg.safetensors -c cache <(printf 'path\n%s\n' "$what")
		[ "$status" = 1 ]
		[[ "$output" == *"extract: $what: not a regular file but a "*"only 0 of 1"* ]]
		run timeout 20 extract -w vgg.safetensors -c cache <(printf 'path\tmask\n%s\t%s\n' "$t1" "${what/#././.}")
		[ "$status" = 1 ]
		[[ "$output" == *"extract: ${what/#././.}: not a regular file but a "* ]]
		refuse 1 "^extract: $what: not a regular file but a " timeout 20 extract -w $what -c cache manifest.tsv
	done
	for what in pipe /dev/zero .; do
		refuse 1 "^extract: $what: not a regular file but a " timeout 20 extract -w vgg.safetensors -c cache $what
	done
	refuse 1 '^extract: absent: cannot read' extract -w vgg.safetensors -c cache absent
	[ ! -e cache ]
}

# In bin the programs, one of which does something before its work: before PROGRAM COMMAND
before() {
	rm -rf bin
	mkdir bin && ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* bin
	rm "bin/$1"
	printf '#!/bin/sh\ncase $* in *history*) ;; *) %s ;; esac\nexec "%s" "$@"\n' "$2" "$(command -v "$1")" >"bin/$1"
	chmod +x "bin/$1"
}

@test "extract: an image, a mask or weights that change meanwhile get nothing under their old name" {
	tiny_study
	mapfile -t volumes < <(find study -name '*T1w.nii.gz' | sort | head -n 2)
	hmm-weights --random vgg11 --width 0.03 -s 2 -o other.safetensors
	for what in image.nii.gz mask.nii.gz weights; do
		cp "${volumes[0]}" image.nii.gz
		cp "${volumes[0]}" mask.nii.gz
		cp vgg.safetensors weights
		if [ $what = weights ]; then before hmm-vgg 'cp other.safetensors weights'
		else before hmm-slice "cp ${volumes[1]} $what"; fi
		HMM_BIN=$PWD/bin run --separate-stderr extract -w weights -c cache <(printf 'path\tmask\nimage.nii.gz\tmask.nii.gz\n')
		[ "$status" = 1 ]
		[ -z "$output" ]
		if [ $what = weights ]; then [[ "$stderr" == *'extract: hmm-cache: standard input: features '*'none of them is stored'* ]]
		else [[ "${stderr_lines[0]}" == "hmm-slice: $what: has changed: its SHA-256 is "* ]]; fi
		[ -z "$(find cache -name '*.hmm' 2>/dev/null)" ]
	done
	# where the bytes are the same, nothing has changed
	before hmm-slice 'mv image.nii.gz gone.nii.gz; ln -s gone.nii.gz image.nii.gz'
	HMM_BIN=$PWD/bin extract -w weights -c cache <(printf 'path\nimage.nii.gz\n') >features.tsv
	[ "$(find cache -name '*.hmm' | wc -l)" = 1 ]
}

@test "extract: a table of names that the disk has cut, or whose program was killed, is no table" {
	tiny_study
	extract -w vgg.safetensors -c cache manifest.tsv >features.tsv
	rm -rf bin
	mkdir bin && ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* bin
	rm bin/hmm-cache
	cached=$(command -v hmm-cache)
	# at the end of a row, where nobody would see it
	size=$(head -n 5 features.tsv | wc -c)
	printf '#!/bin/sh\n"%s" "$@" | head -c %s; exit 137\n' "$cached" "$size" >bin/hmm-cache
	chmod +x bin/hmm-cache
	HMM_BIN=$PWD/bin run --separate-stderr extract -w vgg.safetensors -c cache manifest.tsv
	[ "$status" = 1 ]
	[ -z "$output" ]
	rm bin/hmm-cache
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$cached" >bin/hmm-cache
	chmod +x bin/hmm-cache
	printf '#!/bin/sh\nhead -c %s; echo "cat: No space left on device" >&2; exit 1\n' "$size" >bin/cat
	chmod +x bin/cat
	for names in '' --names; do
		HMM_BIN=$PWD/bin run --separate-stderr extract $names -w vgg.safetensors -c cache manifest.tsv
		[ "$status" = 1 ]
		[ -z "$output" ]
		[[ "$stderr" == *"No space left"* ]]
	done
}

@test "extract: what a user has set for parallel changes nothing; another program of that name is refused" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	extract -w vgg.safetensors -c want "${small[@]}" -j 2 manifest.tsv >want.tsv
	mkdir .parallel
	for option in --tag --dry-run '--tagstring x' -v --halt\ now,done=1 '--colsep 1' '-I{}{}' '--joblog log' --line-buffer '--results out' '--shuf -j1'; do
		rm -rf cache
		echo "$option" >.parallel/config
		for run in parallel home; do
			rm -rf cache
			if [ $run = parallel ]; then export PARALLEL=$option; else unset PARALLEL; fi
			HOME=$PWD PARALLEL_HOME=$PWD/.parallel run --separate-stderr extract -w vgg.safetensors -c cache "${small[@]}" -j 2 manifest.tsv
			unset PARALLEL
			[ "$status" = 0 ] || { echo "$run: $option: $stderr"; return 1; }
			diff <(echo "$output") want.tsv
			[ "${#stderr_lines[@]}" = 1 ]
			[[ "$stderr" == 'extract: '*' done, 0 reused, 0 failed; '* ]]
			diff -rx journal.tsv cache want
		done
	done
	[ ! -e log ]
	[ ! -e out ]
	# moreutils has one
	mkdir other
	printf '#!/bin/sh\necho "parallel [OPTIONS] command -- arguments" >&2\nexit 1\n' >other/parallel
	chmod +x other/parallel
	rm -rf cache
	PATH=$PWD/other:$PATH refuse 1 "^extract: $PWD/other/parallel: not GNU parallel$" extract -w vgg.safetensors -c cache manifest.tsv
	[ ! -s refused.out ]
	[ ! -e cache ]
	printf '#!/bin/sh\nwhile read -r line; do :; done\n' >other/parallel # it says nothing, and does nothing
	PATH=$PWD/other:$PATH refuse 1 'not GNU parallel$' extract -w vgg.safetensors -c cache manifest.tsv
	[ ! -e cache ]
}

# The programs in bin, but for one, whose script is on standard input: instead PROGRAM. $real: that one.
instead() {
	rm -rf bin
	mkdir bin && ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* bin
	real=$(readlink -f "bin/$1")
	rm "bin/$1"
	{
		printf '#!/bin/sh\nreal="%s"\ncase $* in *history*) exec "$real" "$@" ;; esac\n' "$real"
		cat
	} >"bin/$1"
	chmod +x "bin/$1"
}
# The features of row N of want.tsv.
key() { sed -n "$(($1 + 1))p" want.tsv | awk -F'\t' '{ print $NF }'; }

@test "extract: images that break the pipe are found by halves and named; the others are all stored" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	extract --names -w vgg.safetensors -c cache "${small[@]}" manifest.tsv >want.tsv
	rows=$(($(wc -l <want.tsv) - 1))
	[ "$rows" -ge 16 ]
	# those that it says something of, and those at which it dies
	instead hmm-vgg <<-'END'
		echo x >>runs
		cat >in.$$
		status=0
		if grep -aqFf bad in.$$; then echo "hmm-vgg: record 2: what?" >&2; status=1; fi
		if grep -aqFf killing in.$$; then kill -9 $$; fi
		[ $status = 0 ] || exit 1
		"$real" "$@" <in.$$
	END
	for jobs in 1 3; do
		for broken in 1 $rows 8 '7 8' '1 5 9'; do
			for how in bad killing; do
				rm -rf cache bad killing in.* runs
				echo none | tee bad >killing
				for row in $broken; do key "$row"; done >$how
				HMM_BIN=$PWD/bin run --separate-stderr extract -k -j $jobs -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
				[ "$status" = 1 ]
				diff <(echo "$output") <(grep -vFf $how want.tsv)
				[ "$(find cache -name '*.hmm' | wc -l)" = $((rows - $(wc -w <<<"$broken"))) ]
				for row in $broken; do
					path=$(sed -n "$((row + 1))p" want.tsv | cut -f 6)
					[ $how = killing ] && why='no features were made; was it killed?' || why='hmm-vgg: record 2: what?'
					grep -qxF "extract: $path: $why" <<<"$stderr" || { echo "$jobs $broken $how: $stderr"; return 1; }
				done
				[ "${#stderr_lines[@]}" = $(($(wc -w <<<"$broken") + 2)) ]
				# a pipe a half, and not an image
				[ "$(wc -l <runs)" -le $((jobs + 11 * $(wc -w <<<"$broken"))) ]
			done
		done
	done
	# what was stored is what is made without such a break
	extract -w vgg.safetensors -c whole "${small[@]}" manifest.tsv >/dev/null
	for entry in $(cd cache && find . -name '*.hmm'); do cmp "cache/$entry" "whole/$entry"; done
}

@test "extract: where every pipe breaks, ten images are named and the rest is left" {
	tiny_study
	instead hmm-vgg <<<'cat >/dev/null; kill -9 $$'
	HMM_BIN=$PWD/bin run --separate-stderr timeout 100 extract -j 2 -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' manifest.tsv
	[ "$status" = 1 ]
	[ -z "$output" ]
	said=$(grep -c ': no features were made; was it killed?$' <<<"$stderr")
	[ "$said" -ge 10 ]
	[ "$said" -le 11 ] # another job may be at one
	[ "${stderr_lines[-1]}" = 'extract: ten images failed, so no more were tried; see --keep-going' ]
	[ "${#stderr_lines[@]}" = $((said + 2)) ]
	[ -z "$(find cache -name '*.hmm' 2>/dev/null)" ]
	# a line that comes in pieces, or has no end, is a line
	head -n 2 manifest.tsv >one.tsv
	for words in 'printf "hmm-vgg: rec" >&2; sleep 3; echo "ord 1: what?" >&2' 'printf "hmm-vgg: record 1: what?" >&2'; do
		instead hmm-vgg <<<"cat >/dev/null; $words; exit 1"
		HMM_BIN=$PWD/bin run --separate-stderr extract -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' one.tsv
		[ "$status" = 1 ]
		[[ "${stderr_lines[0]}" == 'extract: '*': hmm-vgg: record 1: what?'* ]]
		[ "${#stderr_lines[@]}" = 3 ] || { echo "$stderr"; return 1; }
	done
	instead hmm-vgg <<<'cat >/dev/null; kill -9 $$'
	# with -k each of them is
	HMM_BIN=$PWD/bin run --separate-stderr timeout 100 extract -k -j 2 -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' manifest.tsv
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "$(grep -c ': no features were made; was it killed?$' <<<"$stderr")" = $(($(wc -l <manifest.tsv) - 1)) ]
}

@test "extract: a cache that takes no more is said once, and no more is tried" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	instead hmm-cache <<-'END'
		[ "$1" = put ] || exec "$real" "$@"
		echo put >>tried
		if [ -e early ]; then read -r line; else cat >/dev/null; fi
		echo "hmm-cache: cache/ab/x: cannot write: No space left on device" >&2
		exit 1
	END
	for keep in '' -k; do
		for jobs in 1 3; do
			for early in '' yes; do
				rm -rf cache tried early
				[ -z "$early" ] || touch early
				# shellcheck disable=SC2086
				HMM_BIN=$PWD/bin run --separate-stderr extract $keep -j $jobs -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
				[ "$status" = 1 ]
				[ -z "$output" ]
				[ "$(grep -c 'No space left on device' <<<"$stderr")" = 1 ] || { echo "'$keep' $jobs '$early':"; echo "$stderr"; return 1; }
				[ "${stderr_lines[0]}" = 'extract: hmm-cache: cache/ab/x: cannot write: No space left on device' ]
				[ "${#stderr_lines[@]}" = 3 ] || { echo "$stderr"; return 1; }
				[[ "${stderr_lines[-1]}" == 'extract: only 0 of '*' images have features' ]]
				[ "$(wc -l <tried)" -le $jobs ]
			done
		done
	done
	# one that was killed says nothing
	instead hmm-cache <<<'[ "$1" != put ] || kill -9 $$; exec "$real" "$@"'
	HMM_BIN=$PWD/bin run --separate-stderr extract -j 2 -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 3 ]
	[ "${stderr_lines[0]}" = 'extract: nothing was stored; was hmm-cache killed?' ]
	# a real one
	mkdir disk
	mount -t tmpfs -o size=40k tmpfs disk 2>/dev/null || skip 'no tmpfs can be mounted for the last part'
	run --separate-stderr extract -j 2 -w vgg.safetensors -c disk/cache manifest.tsv
	umount disk
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "$(grep -c 'No space left on device' <<<"$stderr")" = 1 ] || { echo "$stderr"; return 1; }
}

@test "extract: more than ten failures with -k, in several batches; --summary says what was done and why not" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	mapfile -t volumes < <(find study -name '*.nii.gz' | sort | head -n 9)
	{
		printf 'path\tmask\n'
		for i in $(seq 14); do
			zcat "${volumes[0]}" | head -c $((400 + i)) >"torn $i.nii"
			printf 'torn %s.nii\tn/a\n' $i
			[ -z "${volumes[i]-}" ] || printf '%s\tn/a\n' "${volumes[i]}"
		done
		printf 'a\\tb.nii\tn/a\n'
	} >some.tsv
	extract -w vgg.safetensors -c before "${small[@]}" <(printf 'path\tmask\n%s\tn/a\n%s\tn/a\n' "${volumes[1]}" "${volumes[2]}") >/dev/null
	for jobs in 1 3; do
		rm -rf cache
		cp -r before cache
		run --separate-stderr extract -k -j $jobs --summary summary.tsv -w vgg.safetensors -c cache "${small[@]}" some.tsv
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 9 ]
		printf '%s\n' "$output" | cut -f 1 | diff - <(grep -vE 'torn|a.tb' some.tsv | cut -f 1)
		for i in $(seq 14); do [ "$(grep -c "^hmm-slice: torn $i.nii: truncated" <<<"$stderr")" = 1 ]; done
		[[ "${stderr_lines[-2]}" == 'extract: 23 images: 6 done, 2 reused, 15 failed; '* ]]
		[ "${stderr_lines[-1]}" = 'extract: only 8 of 23 images have features' ]
		[ "${#stderr_lines[@]}" = 17 ]
		head -n 5 summary.tsv | diff - <(printf 'what\tvalue\nimages\t23\ndone\t6\nreused\t2\nfailed\t15\n')
		[ "$(cut -f 1 summary.tsv | tail -n +6 | uniq -c | awk '{ print $1 $2 }' | paste -sd' ')" = '1seconds 1images/s 1bytes 15reason' ]
		[ "$(awk -F'\t' '{ print NF }' summary.tsv | sort -u)" = 2 ]
		# whose bytes and seconds are what they are
		bytes=$(find cache -name '*.hmm' -printf '%f %s\n' | grep -vFf <(find before -name '*.hmm' -printf '%f\n') | awk '{ n += $2 } END { print n }')
		[ "$(awk -F'\t' '$1 == "bytes" { print $2 }' summary.tsv)" = "$bytes" ]
		awk -F'\t' '{ value[$1] = $2 } END { exit !(value["seconds"] > 0 && value["images/s"] * value["seconds"] > 5.9 && value["images/s"] * value["seconds"] < 6.1) }' summary.tsv
		for i in $(seq 14); do [ "$(grep -c "^reason	hmm-slice: torn $i.nii: truncated" summary.tsv)" = 1 ]; done
	done
	# nothing to do, nothing failed
	extract --summary summary.tsv -w vgg.safetensors -c cache "${small[@]}" <(grep -vE 'torn|a.tb' some.tsv) >/dev/null 2>said
	head -n 6 summary.tsv | cut -f 1,2 | sed '/seconds/d' | diff - <(printf 'what\tvalue\nimages\t8\ndone\t0\nreused\t8\nfailed\t0\n')
	! grep reason summary.tsv || return 1
	[ "$(cat said | wc -l)" = 1 ]
	# where it cannot be written that is said before the work
	rm -rf cache
	refuse 1 'no/such' extract --summary no/such/file -w vgg.safetensors -c cache manifest.tsv
	[ ! -e cache ]
}

@test "extract: --plan writes what is left to do; when its batches have run, nothing is" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	extract -w vgg.safetensors -c want "${small[@]}" -j 2 manifest.tsv >want.tsv
	extract -w vgg.safetensors -c cache "${small[@]}" <(head -n 4 manifest.tsv) >/dev/null
	n=$(extract --plan plan -j 3 -w vgg.safetensors -c cache "${small[@]}" manifest.tsv 2>said)
	[ ! -s said ]
	[ "$n" = 3 ]
	[ "$(($(wc -l <plan/batches/batches.tsv) - 1))" = 3 ]
	cmp plan/named.tsv want.tsv
	[ "$(find cache -name '*.hmm' | wc -l)" = 3 ]
	# in any order, from any folder, two at once, and again
	for batch in 3 1 1 2 3; do (cd / && "$root/pipelines/batch" "$OLDPWD/plan" $batch); done
	diff -rx journal.tsv cache want
	! ls -d plan/work.* 2>/dev/null || return 1
	before=$(find cache -name '*.hmm' -printf '%p %i %T@\n' | sort)
	run --separate-stderr extract -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
	[ "$status" = 0 ]
	diff <(echo "$output") want.tsv
	[[ "$stderr" == *': 0 done, '*' reused, 0 failed; '* ]]
	[ "${#stderr_lines[@]}" = 1 ]
	[ "$before" = "$(find cache -name '*.hmm' -printf '%p %i %T@\n' | sort)" ]
	# nothing left: no batch
	[ "$(extract --plan other -w vgg.safetensors -c cache "${small[@]}" manifest.tsv)" = 0 ]
	# a folder with something in it, or none at all
	refuse 1 '^extract: plan: want a new folder, or an empty one$' extract --plan plan -w vgg.safetensors -c cache manifest.tsv
	touch file
	run extract --plan file -w vgg.safetensors -c cache manifest.tsv
	[ "$status" = 1 ]
	refuse 2 '^extract: --plan has no hosts' extract --plan third -S : -w vgg.safetensors -c cache manifest.tsv
	[ ! -e third ]
	# what a batch is said of is in the plan's folder
	head -c 500 "$(find study -name '*T1w.nii.gz' | sort | head -n 1)" >broken.nii.gz
	printf 'path\nbroken.nii.gz\n' >broken.tsv
	[ "$(extract --plan fourth -w vgg.safetensors -c cache broken.tsv)" = 1 ]
	refuse 0 '^hmm-slice: broken.nii.gz: ' "$root/pipelines/batch" fourth 1
	cmp refused.err fourth/failed
	refuse 2 '^extract: --slice: --stamp: not how an image is cut' extract --slice --stamp -w vgg.safetensors -c cache manifest.tsv
	refuse 2 '^extract: --slice: --sta: not how an image is cut' extract --slice --sta -w vgg.safetensors -c cache manifest.tsv
	for words in -k --keep-going -qk --as\ x; do
		refuse 2 "^extract: --slice: .*: not how an image is cut" extract --slice "$words" -w vgg.safetensors -c cache manifest.tsv
	done
}

@test "extract: on a terminal it says how far it is, and with what is left; in a file it does not" {
	command -v script >/dev/null || skip 'no script, which makes a terminal'
	tiny_study
	instead hmm-vgg <<<'sleep 1; "$real" "$@"'
	head -n 9 manifest.tsv >some.tsv
	cat >command <<-END
		#!/bin/bash
		HMM_BIN=$PWD/bin $root/pipelines/extract -j 1 -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' "\$1" >"\$2"
	END
	chmod +x command
	extract --names -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' some.tsv >want.tsv
	sed -i 's/sleep 1; "$real" "$@"/"$real" "$@"; sleep 3/' bin/hmm-vgg
	script -qec './command some.tsv out.tsv' /dev/null </dev/null >screen
	cmp out.tsv want.tsv
	tr '\r' '\n' <screen >lines
	grep -q 'extract: [0-8] of 8 images' lines
	grep -qE 'extract: 8 of 8 images, [0-9.]+ images/s, 0:00:00 left' lines
	grep -q 'extract: 8 images: 8 done, 0 reused, 0 failed' lines
	# the line is taken away when all is done
	tail -n 2 lines | head -n 1 | grep -q $'^\033\[K'
	rm -rf cache
	./command some.tsv out.tsv 2>said
	cmp out.tsv want.tsv
	[ "$(wc -l <said)" = 1 ]
	grep -q '^extract: 8 images: 8 done' said
}

# A connection to another machine, as far as extract can tell: its last word is run by a shell, at a home
# of its own, where programs may answer otherwise.
connection() {
	mkdir -p far/bin
	cat >connection <<-END
		#!/bin/bash
		cd "$PWD/far" && HOME=\$PWD PATH=\$PWD/bin:\$PATH exec bash -c "\${!#}"
	END
	chmod +x connection
}

@test "extract: what a host answers is text; the last of its file's lines may lack an end" {
	tiny_study
	connection
	small=(--slice '--resize 32 --crop 32')
	extract -w vgg.safetensors -c want "${small[@]}" manifest.tsv >want.tsv
	for answer in 'a[$(touch hacked)]' '99999999999999999999' '-3' '' '2 3'; do
		rm -rf cache
		printf '#!/bin/sh\nprintf "%%s\\n" '"'%s'"'\n' "$answer" >far/bin/getconf
		chmod +x far/bin/getconf
		printf '# those that I have\nother' >hosts
		extract --ssh "$PWD/connection" --sshloginfile hosts -w vgg.safetensors -c cache "${small[@]}" --summary summary manifest.tsv >features.tsv
		cmp features.tsv want.tsv
		diff -rx journal.tsv cache want
		grep -qP '^host\tother: [1-9][0-9]* images$' summary
		[ -z "$(find . -name hacked)" ]
	done
}

# The host's hmm-vgg: it says what a right one says; with slices it does the script on standard input, where
# $real is a right one. Its hmm-slice: likewise, with arguments.
far() { # PROGRAM
	rm -f "far/bin/$1"
	{
		printf '#!/bin/bash\nreal="%s"\ncase $* in *show-history*) exec "$real" "$@" ;; esac\n' "$(command -v "$1")"
		cat
	} >"far/bin/$1"
	chmod +x "far/bin/$1"
}
# extract on such hosts, into cache and features.tsv; what it says is in $stderr
on() { # HOSTS OPTION...
	rm -rf cache
	run --separate-stderr timeout 60 extract --ssh "$PWD/connection" -S "$1" -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' "${@:2}" manifest.tsv
	printf '%s\n' "$output" >features.tsv
}
like_here() {
	[ "$status" = 0 ] || { echo "$stderr"; return 1; }
	cmp features.tsv want.tsv
	diff -rx journal.tsv cache want
}
hosts_study() {
	tiny_study
	connection
	extract -w vgg.safetensors -c want --slice '--resize 32 --crop 32' manifest.tsv >want.tsv
	far hmm-vgg <<<'exec "$real" "$@"'
}

@test "extract: a host from which nothing comes is named, and what it should have made is made elsewhere" {
	hosts_study
	for silent in 'sleep 600' '"$real" "$@" | { head -c 3000; sleep 600; }' 'yes >&2'; do
		far hmm-vgg <<<"$silent"
		on 1/other,1/: --patience 3
		like_here
		[[ "$stderr" == *'extract: other: nothing came for 3 seconds'* || "$silent" == *head* ]]
	done
	far hmm-vgg <<<'sleep 600'
	on 1/other --patience 2
	[ "$status" = 1 ]
	grep -qx 'extract: other: left out: failed twice: nothing came for 2 seconds' <<<"$stderr"
	grep -qx 'extract: no host is left' <<<"$stderr"
	[ "${#stderr_lines[@]}" = 5 ]
	# one that does not even say what it would do, and one that does not stop to
	for silent in 'sleep 600' 'exec yes' 'yes >&2'; do
		printf '#!/bin/bash\n%s\n' "$silent" >far/bin/hmm-vgg
		on 1/other,1/: --patience 3
		like_here
		[ "$(grep -c '^extract: other: left out: ' <<<"$stderr")" = 1 ]
		[ "${#stderr_lines[@]}" = 2 ]
		[ "$silent" != 'exec yes' ] || grep -qx 'extract: other: left out: does not stop to say what it would do' <<<"$stderr"
	done
	# one who takes his time
	far hmm-vgg <<<'sleep 3; exec "$real" "$@"'
	on 1/other --patience 30
	like_here
	[ "${#stderr_lines[@]}" = 1 ]
	far hmm-vgg <<<'exec "$real" "$@"'
	printf '#!/bin/sh\necho 9999\n' >far/bin/getconf
	chmod +x far/bin/getconf
	on other
	like_here
}

@test "extract: an image that fails on a host is tried here before it counts" {
	hosts_study
	# a host that sees other files under the same names
	far hmm-slice <<<'cd "$HOME" && exec "$real" "$@"'
	on 1/other,1/: --shared
	like_here
	[ "$(grep -c '^extract: other: images fail that do not fail here: hmm-slice: .*: cannot open' <<<"$stderr")" = 1 ]
	on 2/other --shared
	[ "$status" = 1 ]
	grep -q '^extract: other: left out: failed twice: images fail that do not fail here: ' <<<"$stderr"
	! grep '^hmm-slice: ' <<<"$stderr" || return 1
	# one that breaks at all of them, and one that says so and leaves them out
	for broken in 'cat >/dev/null; echo "hmm-vgg: record 1: what?" >&2; exit 1' 'sed "s/_/_/;d"; exit 1'; do
		far hmm-vgg <<<"$broken"
		on 1/other,1/:
		like_here
		grep -q '^extract: other: ' <<<"$stderr"
	done
	# images that are broken, here and there, are said once
	far hmm-slice <<<'exec "$real" "$@"'
	far hmm-vgg <<<'exec "$real" "$@"'
	mapfile -t volumes < <(find study -name '*.nii.gz' | sort | head -n 12)
	for volume in "${volumes[@]}"; do
		head -c 300 "$volume" >torn
		mv torn "$volume"
	done
	for shared in '' --shared; do
		on 2/other -k $shared
		[ "$status" = 1 ]
		for volume in "${volumes[@]}"; do [ "$(grep -c "^hmm-slice: $volume: truncated" <<<"$stderr")" = 1 ]; done
		[[ "${stderr_lines[-2]}" == *' images: '*' done, 0 reused, 12 failed; '* ]]
		! grep 'left out' <<<"$stderr" || return 1
		[ "${#stderr_lines[@]}" = 14 ]
	done
	# and also where they are cut once more, as their host broke
	far hmm-vgg <<<'cat >/dev/null; exit 3'
	on 1/other,1/: -k
	for volume in "${volumes[@]}"; do [ "$(grep -c "^hmm-slice: $volume: truncated" <<<"$stderr")" = 1 ]; done
}

@test "extract: what decides is what the cache has, not what a host says" {
	hosts_study
	# a valid stream without one of the images, without any; with an image that nobody asked for
	head -n 2 want.tsv >first.tsv
	hmm-slice -q --resize 32 --crop 32 --source "$(printf '%064d' 7)" "$(cut -f 6 first.tsv | tail -n 1)" >seven.hmm
	far hmm-vgg <<<'cat >in.$$; cat in.$$ '"$PWD/seven.hmm"' | "$real" "$@"'
	on 1/other
	like_here
	grep -qx "extract: other: makes what was not asked for: '$(printf '%064d' 7)'" <<<"$stderr"
	[[ "${stderr_lines[-1]}" == "extract: $(($(wc -l <want.tsv) - 1)) images: $(($(wc -l <want.tsv) - 1)) done, 0 reused, 0 failed; "* ]]
	hmm-slice -q --manifest <(sed 2,99d want.tsv; sed -n 3p want.tsv) --resize 32 --crop 32 >third.hmm
	far hmm-vgg <<<'cat >/dev/null; "$real" "$@" <'"$PWD/third.hmm"
	on 1/other,1/:
	like_here
	grep -q '^extract: other: ' <<<"$stderr"
	# lines of failures that are none, with what a terminal would obey; and warnings
	far hmm-vgg <<-'END'
		for i in 1 2 3 4 5 6 7 8 9 10 11; do printf 'hmm-slice: \033]0;x\007 image %s\n' $i >&2; done
		printf 'hmm-vgg: warning: \033[31mred\302\233\n' >&2
		exec "$real" "$@"
	END
	on 1/other --summary summary
	like_here
	[ "${stderr_lines[0]}" = 'hmm-vgg: warning: ?[31mred?' ]
	[ "${#stderr_lines[@]}" = 2 ]
	! grep $'[\033\007]' <<<"$stderr" || return 1
	! grep reason summary || return 1
	# why it broke is not obeyed either
	far hmm-vgg <<<'cat >/dev/null; printf "\033[31mred\n" >&2; exit 3'
	on 1/other
	[ "$status" = 1 ]
	[ "${stderr_lines[0]}" = 'extract: other: ?[31mred' ]
}

@test "extract: why a host is not used" {
	hosts_study
	why() { [ "$status" = 1 ] && [ "${stderr_lines[0]}" = "extract: other: left out: $1" ] || { echo "$stderr"; return 1; }; }
	sed -i 's/:\\\?$PATH/:\/usr\/bin:\/bin/' connection
	rm far/bin/hmm-vgg
	on 1/other
	why 'has no hmm-vgg in its PATH (--host-bin says where it is)'
	on 1/other --host-bin /no/where
	why 'has no hmm-vgg in /no/where (--host-bin says where it is)'
	printf '#!/bin/bash\necho "hmm-vgg: error while loading shared libraries: libz.so" >&2; exit 127\n' >far/bin/hmm-vgg
	chmod +x far/bin/hmm-vgg
	on 1/other
	why 'hmm-vgg: error while loading shared libraries: libz.so'
	printf '#!/bin/bash\nkill -9 $$\n' >far/bin/hmm-vgg
	on 1/other
	why 'ended with status 137'
	far hmm-vgg <<<'exec "$real" "$@"'
	on 1/other --shared
	why 'has no hmm-slice in its PATH (--host-bin says where it is)'
	touch far/.cache
	on 1/other
	why "the weights cannot be sent: mkdir: cannot create directory '.cache': Not a directory"
	rm far/.cache
	run --separate-stderr extract --ssh '/no/such -x' -S 1/other -w vgg.safetensors -c cache manifest.tsv
	why 'no program /no/such here, which is to reach it'
	for hosts in 0/other 99999/other 007/other 2/ 1/-x -x; do
		refuse 2 "^extract: --sshlogin: found '$hosts', want \[N/\]HOST, with N from 1 to 9999" extract -S "$hosts" -w vgg.safetensors -c cache manifest.tsv
	done
}

@test "extract: hmm-slice, hmm-cache or parallel is killed" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	head -n 2 manifest.tsv >one.tsv
	instead hmm-slice <<<'kill -9 $$'
	HMM_BIN=$PWD/bin run --separate-stderr extract -w vgg.safetensors -c cache "${small[@]}" one.tsv
	[ "$status" = 1 ]
	[[ "${stderr_lines[0]}" == 'extract: '*': hmm-slice was killed' ]]
	[ "${#stderr_lines[@]}" = 3 ]
	# each of its verbs, of which one looks into the cache before and behind a batch and at the end
	for when in 'plan *' 'has *--there*' 'has *batches*'; do
		rm -rf cache
		instead hmm-cache <<<"case \"\$*\" in ${when// /'" "'}) kill -9 \$\$ ;; esac; exec \"\$real\" \"\$@\""
		HMM_BIN=$PWD/bin run --separate-stderr extract -w vgg.safetensors -c cache "${small[@]}" one.tsv
		[ "$status" = 1 ] && [ -z "$output" ] || { echo "$when: $status: $stderr"; return 1; }
		grep -qx "extract: hmm-cache ${when%% *} was killed" <<<"$stderr" || { echo "$when: $stderr"; return 1; }
		! grep -i ' killed .' <<<"$stderr" || return 1
	done
	mkdir other
	printf '#!/bin/sh\ncase $* in *--version*) exec "%s" "$@" ;; esac\nkill -9 $$\n' "$(command -v parallel)" >other/parallel
	chmod +x other/parallel
	PATH=$PWD/other:$PATH run --separate-stderr extract -w vgg.safetensors -c cache "${small[@]}" one.tsv
	[ "$status" = 1 ]
	[ "${stderr_lines[0]}" = 'extract: parallel was killed' ]
	! grep -i ' killed .' <<<"$stderr" || return 1
}

@test "extract: a summary is whole, takes the place of no other file, and costs no table" {
	tiny_study
	small=(--slice '--resize 32 --crop 32')
	extract -w vgg.safetensors -c cache "${small[@]}" manifest.tsv >want.tsv
	t1=$(find study -name '*.nii.gz' | sort | head -n 1)
	find study ./*.* -type f -exec sha256sum {} + | grep -v refused >before
	for file in vgg.safetensors manifest.tsv "$t1"; do
		refuse 1 "^extract: $file: is there, and no summary; choose another name$" extract --summary "$file" -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
	done
	refuse 1 '^extract: study: cannot write$' extract --summary study -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
	sha256sum --quiet -c before
	# one that was there stays until there is another
	extract --summary summary -w vgg.safetensors -c cache "${small[@]}" manifest.tsv >/dev/null
	cp summary kept
	refuse 1 'absent: cannot read' extract --summary summary -w absent -c cache manifest.tsv
	run extract --summary summary --slice '--crop 99999999' -w vgg.safetensors -c cache manifest.tsv
	cmp summary kept
	run --separate-stderr extract --summary /dev/full -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
	[ "$status" = 1 ]
	diff <(echo "$output") want.tsv
	[ "${stderr_lines[-1]}" = 'extract: /dev/full: cannot write: No space left on device' ]
	extract --summary /dev/stdout -w vgg.safetensors -c cache "${small[@]}" manifest.tsv | grep -qx $'what\tvalue'
	for names in '' --names; do
		run --separate-stderr bash -c '"$@" >/dev/full' - extract $names -w vgg.safetensors -c cache "${small[@]}" manifest.tsv
		[ "$status" = 1 ]
		[ "${stderr_lines[-1]}" = 'extract: standard output: cannot write: No space left on device' ]
	done
	! ls summary.* || return 1
	# rows that share an image which is made now are done, and not reused
	awk -F'\t' -v OFS='\t' 'NR > 1 { $6 = first ? first : first = $6 } 1' manifest.tsv >same.tsv
	extract -w vgg.safetensors -c other "${small[@]}" same.tsv 2>said >/dev/null
	grep -q ': 22 done, 0 reused, 0 failed; ' said
	refuse 2 '^extract: --plan and --names: want one of them' extract --plan plan --names -w vgg.safetensors -c cache manifest.tsv
	for words in --show-history --sho -- --k --l '--crop 32 --m x'; do
		refuse 2 '^extract: --slice: --[a-z-]*: not how an image is cut' extract --slice "$words" -w vgg.safetensors -c cache manifest.tsv
	done
	for words in --show-history --s --; do
		refuse 2 '^extract: --vgg: --' extract --vgg "$words" -w vgg.safetensors -c cache manifest.tsv
	done
	mkdir disk
	mount -t tmpfs -o size=500k tmpfs disk 2>/dev/null || skip 'no tmpfs can be mounted for the last part'
	TMPDIR=$PWD/disk refuse 1 "^extract: $PWD/disk/tmp[^ ]*: cannot write there \(see TMPDIR\)$" extract -w vgg.safetensors -c cache manifest.tsv || { umount disk; return 1; }
	umount disk
}

@test "extract: when it is killed its jobs end, and leave nothing in TMPDIR" {
	tiny_study
	mkdir scratch
	instead hmm-vgg <<<'echo >>begun; sleep 2; exec "$real" "$@"'
	extract --names -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' manifest.tsv >names.tsv
	HMM_BIN=$PWD/bin TMPDIR=$PWD/scratch extract -w vgg.safetensors -c cache -j 1 --slice '--resize 32 --crop 32' <(for i in $(seq 3); do cat manifest.tsv; done | awk 'NR == 1 || !/^subject/') >features.tsv 2>said 3>&- &
	for _ in $(seq 100); do [ ! -e begun ] || break; sleep 0.1; done
	kill -9 $!
	! wait $! || return 1
	for _ in $(seq 80); do [ -n "$(ls scratch)" ] || break; sleep 0.1; done
	[ -z "$(ls scratch)" ]
	sleep 3
	[ "$(wc -l <begun)" = 1 ]
	[ -z "$(pgrep -f "$PWD/scratch")" ]
}

@test "extract: of the environment no command of parallel's or perl's is run" {
	tiny_study
	mkdir lib
	printf 'open(my $f, ">", "%s/hacked"); 1;\n' "$PWD" >lib/Hacked.pm
	PERL5OPT=-MHacked PERL5LIB=$PWD/lib PARALLEL_ENV="touch $PWD/hacked;" PARALLEL_SHELL=/bin/false PARALLEL='--tag' \
		extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	[ ! -e hacked ]
	[ "$(wc -l <features.tsv)" = "$(wc -l <manifest.tsv)" ]
}

@test "extract: nobody reads standard error, and the table is there all the same" {
	tiny_study
	extract -w vgg.safetensors -c want manifest.tsv >want.tsv
	extract -w vgg.safetensors -c cache manifest.tsv >features.tsv 2>&-
	cmp features.tsv want.tsv
	extract -w vgg.safetensors -c other manifest.tsv 2> >(:) >features.tsv
	cmp features.tsv want.tsv
}

@test "extract: told to end while it plans, it leaves nothing in TMPDIR" {
	tiny_study
	mkdir scratch bin
	printf '#!/bin/sh\ncase $1 in plan) : >"%s/planning"; sleep 10 ;; *) exec "%s" "$@" ;; esac\n' \
		"$PWD" "$(command -v hmm-cache)" >bin/hmm-cache
	chmod +x bin/hmm-cache
	for program in "$(dirname "$(command -v hmm-vgg)")"/hmm-*; do [ -e "bin/${program##*/}" ] || ln -s "$program" bin; done
	HMM_BIN=$PWD/bin TMPDIR=$PWD/scratch extract -w vgg.safetensors -c cache manifest.tsv >features.tsv 3>&- &
	for _ in $(seq 100); do [ ! -e planning ] || break; sleep 0.1; done
	[ -e planning ]
	[ -n "$(ls scratch)" ]
	kill $!
	pkill -P $! sleep || true
	! wait $! || return 1
	for _ in $(seq 120); do [ -n "$(ls scratch)" ] || break; sleep 0.1; done
	[ -z "$(ls scratch)" ]
	[ ! -s features.tsv ]
}
