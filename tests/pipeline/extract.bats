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
	[ ! -e evil ] && [ ! -e cache ]
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
	[ "$status" = 1 ] && [ -z "$output" ]
	[ "${stderr_lines[0]}" = "extract: $t1: hmm-vgg: record 1: what?" ]
	[ "${#stderr_lines[@]}" = 3 ]
	# one that was killed says nothing
	sed -i '$s/.*/kill -9 $$/' bin/hmm-vgg
	HMM_BIN=$PWD/bin run --separate-stderr extract -w vgg.safetensors -c cache <(printf 'path\n%s\n' "$t1")
	[ "$status" = 1 ] && [ -z "$output" ]
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
	[ "$status" = 0 ] && [[ "$stderr" == 'extract: 6 images: 1 done, 5 reused, 0 failed; '* ]]
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
