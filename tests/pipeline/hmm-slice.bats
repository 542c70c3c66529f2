#!/usr/bin/env bats

setup() {
	PATH="${HMM_BIN:-$BATS_TEST_DIRNAME/../../bin}:$PATH"
	golden="$BATS_TEST_DIRNAME/../golden"
	data="${HMM_DATA:-$BATS_TEST_DIRNAME/../../../shared/data}"
	cd "$BATS_TEST_TMPDIR"
}

# The tensors of the stream on standard input, one after the other, as bytes of (channels, 28, 28).
tensors() {
	mkdir -p npy
	hmm-show --npy npy >table.tsv
	for file in npy/*.npy; do
		tail -c "$((28 * 28 * $1))" "$file"
	done
}

# A column of table.tsv by its name.
column() {
	awk -F '\t' -v name="$1" '/^#/ { next } !at { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { print $at }' table.tsv
}

@test "a known answer: torchvision's bytes of an axial and a sagittal series" {
	hmm-slice --resize 32 --crop 28 "$golden/slice.nii.gz" | tensors 1 >axial.bin
	cmp axial.bin "$golden/slice_axial.bin"
	rm -r npy
	hmm-slice --resize 32 --crop 28 --axis sagittal "$golden/slice.nii.gz" | tensors 1 >sagittal.bin
	cmp sagittal.bin "$golden/slice_sagittal.bin"
}

@test "an expected file: a colour PNG, and the same pixels as PNM on standard input" {
	hmm-slice --resize 32 --crop 28 "$golden/slice.png" | tensors 3 >png.bin
	cmp png.bin "$golden/slice_colour.bin"
	rm -r npy
	{
		printf 'P6\n# made of the PNG\n41 30\n255\n'
		for y in $(seq 0 29); do
			for x in $(seq 0 40); do
				for k in 1 2 3; do
					printf "\\x$(printf %x $((((y * 3 + x * 5) * k / 2) % 256)))"
				done
			done
		done
	} >colour.ppm
	hmm-slice --resize 32 --crop 28 40X=- <colour.ppm | tensors 3 >ppm.bin
	cmp ppm.bin "$golden/slice_colour.bin"
	[ "$(column modality)" = 40X ]
	[ "$(column source)" = - ]
}

@test "fields: subject, modality, source, index and count, image after image" {
	cp "$golden/slice.nii.gz" "a=b.nii.gz"
	hmm-slice --subject s1 "T1w=$golden/slice.nii.gz" "a=b.nii.gz" "x=$golden/slice.png" | hmm-show >table.tsv
	[ "$(column subject | sort -u)" = s1 ]
	[ "$(column modality | uniq -c | awk '{ print $1 $2 }' | paste -sd ' ')" = "14T1w 14n/a 1x" ]
	[ "$(column index | paste -sd ' ')" = "$(echo $(seq 0 13) $(seq 0 13) 0)" ]
	[ "$(column count | uniq | paste -sd ' ')" = "14 1" ]
	[ "$(column shape | uniq | paste -sd ' ')" = "(1,224,224) (3,224,224)" ]
	[ "$(column source | sed -n 15p)" = "a=b.nii.gz" ]
}

@test "the same images give the same bytes, whatever the number of threads" {
	hmm-slice "$golden/slice.nii.gz" "$golden/slice.png" >one.hmm
	LC_ALL=C.UTF-8 TZ=Asia/Tokyo hmm-slice "$golden/slice.nii.gz" "$golden/slice.png" >two.hmm
	cmp one.hmm two.hmm
	for threads in 1 2 5; do
		hmm-slice -j $threads "$golden/slice.nii.gz" "$golden/slice.png" | cmp one.hmm -
	done
}

@test "--voxel changes the number of slices" {
	hmm-slice --resize 0 --crop 0 --voxel 4x4x5 "$golden/slice.nii.gz" | hmm-show >table.tsv
	[ "$(column shape | uniq -c | awk '{ print $1, $2 }')" = "7 (1,11,9)" ]
}

@test "--mask: on the volume itself nothing changes but for what is not above 0" {
	hmm-slice --resize 0 --crop 0 --mask "$golden/slice.nii.gz" "$golden/slice.nii.gz" | hmm-show >table.tsv
	[ "$(column max | sort -n | tail -n 1)" = 255 ]
	[ "$(column min | sort -n | head -n 1)" = 0 ]
	run hmm-slice --mask "$golden/slice.nii.gz" "$golden/slice.png"
	[ "$status" -eq 1 ]
	[[ "$output" == *"--mask is for NIfTI volumes"* ]]
}

@test "a real volume: MNI, upright, as many slices as it has planes" {
	volume="$data/ms/sub-07/anat/sub-07_space-MNI_T1w.nii.gz"
	[ -e "$volume" ] || skip "no real data at $data (set HMM_DATA)"
	hmm-slice --axis coronal "$volume" | hmm-show >table.tsv
	[ "$(column shape | uniq -c | awk '{ print $1, $2 }')" = "218 (1,224,224)" ]
}

refused() { # words that the one line of the error must hold, then the command
	run bash -c '"$@" 2>&1 >/dev/null' - "${@:2}"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == "hmm-slice: "*"$1"* ]]
}

@test "empty, absent, unknown and wrong input" {
	: >empty
	refused "empty, want an image" hmm-slice empty
	refused "cannot open" hmm-slice M=absent.nii.gz
	refused "directory" hmm-slice "$BATS_TEST_TMPDIR"
	mkfifo pipe
	refused "pipe: a directory or a pipe, want a regular file" hmm-slice pipe
	echo GIF89a >picture.gif
	refused "unknown format" hmm-slice picture.gif
	refused "standard input: empty" bash -c 'exec -a hmm-slice hmm-slice - </dev/null'
	refused "P5 or P6" bash -c 'printf "P4 1 1 x" | hmm-slice -'
}

@test "torn files" {
	gzip -dc "$golden/slice.nii.gz" >whole.nii
	for size in 1 100 347 348 351 352 5000; do
		head -c "$size" whole.nii >torn.nii
		refused torn.nii hmm-slice torn.nii
		head -c "$size" "$golden/slice.nii.gz" >torn.nii.gz
		[ "$size" -gt 3500 ] || refused torn.nii.gz hmm-slice torn.nii.gz
	done
	for size in 1 8 20 33 60 100; do
		head -c "$size" "$golden/slice.png" >torn.png
		refused torn.png hmm-slice torn.png
	done
}

@test "gzip: several members and what lies behind them; bad checksums; more than the file can hold" {
	gzip -dc "$golden/slice.nii.gz" >whole.nii
	sums() { mkdir -p npy && hmm-slice "$1" | hmm-show --npy npy >/dev/null && cat npy/*.npy | sha256sum; }
	want=$(sums whole.nii)
	(head -c 1000 whole.nii | gzip; tail -c +1001 whole.nii | gzip) >members.nii.gz
	(gzip <whole.nii; echo more) >garbage.nii.gz
	(cat whole.nii; echo more) | gzip >longer.nii.gz
	for file in members garbage longer; do
		[ "$(sums $file.nii.gz)" = "$want" ]
	done
	size=$(stat -Lc %s "$golden/slice.nii.gz")
	for at in 8 4; do # from the end: the checksum, the length
		cp "$golden/slice.nii.gz" bad.nii.gz
		chmod u+w bad.nii.gz
		printf '\125\252' | dd of=bad.nii.gz bs=1 seek=$((size - at)) conv=notrunc status=none
		refused "bad.nii.gz: cannot read" hmm-slice bad.nii.gz
	done
	head -c $((size - 4)) "$golden/slice.nii.gz" >cut.nii.gz
	refused "cut.nii.gz: " hmm-slice cut.nii.gz
	printf '\377\177\377\177\377\177' | dd of=whole.nii bs=1 seek=42 conv=notrunc status=none
	gzip <whole.nii >claims.nii.gz
	refused "truncated: found at most" hmm-slice claims.nii.gz
}

@test "a mask on another grid, a 4-D volume without --frame" {
	gzip -dc "$golden/slice.nii.gz" >other.nii
	printf '\0\0\x80\x3f' | dd of=other.nii bs=1 seek=292 conv=notrunc status=none # srow_x[3]: 1 mm
	refused "off the grid" hmm-slice --mask other.nii "$golden/slice.nii.gz"
	gzip -dc "$golden/slice.nii.gz" >four.nii
	printf '\4\0\22\0\26\0\7\0\2\0' | dd of=four.nii bs=1 seek=40 conv=notrunc status=none
	refused "--frame" hmm-slice four.nii
	hmm-slice --resize 0 --crop 0 --frame mean four.nii | hmm-show >table.tsv
	[ "$(column shape | uniq -c | awk '{ print $1, $2 }')" = "7 (1,22,18)" ]
	refused "no frame 2" hmm-slice --frame 2 four.nii
}

@test "a constant volume: black slices and a warning" {
	gzip -dc "$golden/slice.nii.gz" | head -c 352 >flat.nii
	head -c "$((18 * 22 * 14 * 2))" /dev/zero >>flat.nii
	hmm-slice flat.nii 2>warning | hmm-show >table.tsv
	[ "$(column max | sort -u)" = 0 ]
	grep -q "one value" warning
}

@test "--show-history: the entry that it writes, without an image; one spelling for all" {
	hmm-slice --frame 0 --voxel 4x4.0x5 "$golden/slice.nii.gz" | hmm-show --json | head -n 1 >header
	entry=$(hmm-slice --voxel 4x4x5.00 --frame 00 --axis axial -j 3 --subject x --show-history)
	[ "$(cat header)" = "{\"kind\":\"slices\",\"history\":[$entry]}" ]
	[ "$(jq -r '.program, .numerics, .options' <<<"$entry" 2>/dev/null || echo "$entry" |
		sed 's/.*"program":"\([^"]*\)".*"numerics":"\([^"]*\)","options":"\([^"]*\)".*/\1\n\2\n\3/')" = \
		$'hmm-slice\n3\naxis=axial frame=0 voxel=4x4x5 resize=256 crop=224' ]
	# files are left alone, and a terminal is no obstacle
	hmm-slice --show-history absent.nii.gz "$golden/slice.png" </dev/null | diff - <(hmm-slice --show-history)
	[ "$(hmm-slice --voxel 0.1 --show-history)" = "$(hmm-slice --voxel 1e-1x.1x0.10000000000000000 --show-history)" ]
	[ "$(hmm-slice --voxel 0.1 --show-history)" != "$(hmm-slice --voxel 0.10000000000000002 --show-history)" ]
	refused "No space left" bash -c 'exec -a hmm-slice hmm-slice --show-history >/dev/full'
}

@test "--manifest: path, mask and features of a table's rows, in their order" {
	{
		printf 'features\tsubject\tpath\tmask\n'
		printf 'first\ts\t%s\tn/a\n' "$golden/slice.nii.gz"
		printf 'n/a\ts\t%s\tn/a\n' "$golden/slice.png"
		printf 'third\ts\t%s\t%s\n' "$golden/slice.nii.gz" "$golden/slice.nii.gz"
	} >rows.tsv
	hmm-slice --crop 28 --manifest rows.tsv >have.hmm
	{
		hmm-slice --crop 28 --source first "$golden/slice.nii.gz"
		hmm-slice --crop 28 "$golden/slice.png"
		hmm-slice --crop 28 --source third --mask "$golden/slice.nii.gz" "$golden/slice.nii.gz"
	} >want.hmm
	mkdir have want
	# the tensors by their column npy, whose folders differ
	hmm-show --npy have have.hmm | cut -f 1-14 | grep -v '^#' >have.tsv
	hmm-show --npy want want.hmm | cut -f 1-14 | grep -v '^#' >want.tsv
	cmp have.tsv want.tsv
	diff -r have want
	hmm-slice --manifest - <rows.tsv | hmm-show | column source | uniq | wc -l
	hmm-slice --manifest <(head -n 1 rows.tsv) | hmm-show --json | grep -q '"kind":"slices"'
	refused "no column 'path'" hmm-slice --manifest <(echo subject)
	refused "row 1: no path" hmm-slice --manifest <(printf 'path\nn/a\n')
	for wrong in x.nii '--mask m' '--source s' '--subject s'; do
		run hmm-slice --manifest rows.tsv $wrong
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
}

# The volume FILE as STEM.hdr and STEM.img.
pair() { # FILE STEM
	gzip -dc "$1" >single.nii
	{
		head -c 108 single.nii
		printf '\0\0\0\0'
		tail -c +113 single.nii | head -c 232
		printf 'ni1\0'
	} >"$2.hdr"
	tail -c +353 single.nii >"$2.img"
}

# The files of a folder that a program has opened: by strace, where it can.
opened() {
	# a leak checker is a tracer of its own
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=open,openat -o trace "$@" >/dev/null
	grep -v ENOENT trace | grep -o '"[^"]*"' | tr -d '"' | grep -E '^[a-z.]*\.(nii|hdr|img)(\.gz)?$' | sort -u
}

@test "--list-files: what it opens: pairs, compressed or not, whichever is named, and the mask" {
	pair "$golden/slice.nii.gz" a
	cp a.hdr b.hdr && cp a.img b.img && gzip -k b.hdr b.img
	cp a.hdr c.hdr && gzip -c a.img >c.img.gz
	gzip -c a.hdr >d.hdr.gz && cp a.img d.img
	cp "$golden/slice.nii.gz" e.nii.gz && cp "$golden/slice.nii.gz" e.img.gz
	files() { hmm-slice --list-files "$@" | awk -F'\t' 'NR > 1 { print $2 "=" $3 }' | paste -sd' '; }
	[ "$(files a.hdr)" = "image=a.hdr image=a.img" ]
	[ "$(files a.img)" = "image=a.hdr image=a.img" ]
	[ "$(files b.hdr)" = "image=b.hdr image=b.img.gz" ]
	[ "$(files b.img.gz)" = "image=b.hdr.gz image=b.img.gz" ]
	[ "$(files c.hdr)" = "image=c.hdr image=c.img.gz" ]
	[ "$(files d.img)" = "image=d.hdr.gz image=d.img" ]
	[ "$(files e.nii.gz)" = "image=e.nii.gz" ]
	[ "$(files PET=e.nii.gz)" = "image=e.nii.gz" ]
	[ "$(files "$golden/slice.png")" = "image=$golden/slice.png" ]
	[ "$(files --mask d.hdr.gz a.img)" = "image=a.hdr image=a.img mask=d.hdr.gz mask=d.img" ]
	[ "$(hmm-slice --list-files a.hdr T1w=e.nii.gz | cut -f1 | paste -sd' ')" = "image a.hdr a.hdr e.nii.gz" ]
	refused "a directory or a pipe" hmm-slice --list-files .
	refused "cannot open" hmm-slice --list-files absent.nii
	refused "standard input has no name" hmm-slice --list-files -
	rm c.img.gz
	refused "c.img: cannot open" hmm-slice --list-files c.hdr
	head -c 100 a.hdr >torn.hdr
	refused "torn.hdr: truncated" hmm-slice --list-files torn.hdr
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip "no strace"
	for named in a.hdr a.img b.hdr d.img e.nii.gz; do
		diff <(opened hmm-slice "$named") <(hmm-slice --list-files "$named" | awk 'NR > 1 { print $3 }' | sort -u)
	done
}

@test "--list-files: names with a tab, a newline, a backslash, an equals sign and bytes that are no text" {
	mkdir 'od=d'
	names=($'tab\there' $'line\nend' 'back\slash' 'back\tslash' ' lead ' $'\xff\xfe' '$(touch x)' "quote'\"" $'return\r')
	for name in "${names[@]}"; do cp "$golden/slice.nii.gz" "od=d/$name.nii.gz"; done
	hmm-slice --list-files --mask $'od=d/tab\there.nii.gz' od=d/*.nii.gz >list.tsv
	[ "$(wc -l <list.tsv)" = $((1 + 2 * ${#names[@]})) ]
	[ "$(awk -F'\t' '{ print NF }' list.tsv | sort -u)" = 3 ]
	# as a manifest's cells: what is listed is found again
	awk -F'\t' -v OFS='\t' 'NR == 1 { print "path"; next } $2 == "image" { print $3 }' list.tsv >rows.tsv
	hmm-slice --list-files --manifest rows.tsv | cmp - <(grep -av '	mask	' list.tsv)
	[ "$(hmm-slice --manifest rows.tsv | hmm-show | awk -F'\t' '/^n\/a/ && $8 == 0 { print $6 }' | sort)" = "$(tail -n +2 rows.tsv | sort)" ]
	grep -aqF 'od=d/line\nend.nii.gz' list.tsv
	grep -aqF 'od=d/back\\tslash.nii.gz' list.tsv
	long=$(printf 'd%.0s' {1..200})
	mkdir -p "$long/$long/$long" && cp "$golden/slice.nii.gz" "$long/$long/$long/$long.nii.gz"
	[ "$(hmm-slice --list-files "$long/$long/$long/$long.nii.gz" | tail -n 1 | wc -c)" = $((2 * 810 + 8)) ]
}

@test "usage" {
	for wrong in "" "--axis up x" "--frame -1 x" "--frame 1.5 x" "--voxel 0 x" "--voxel 1x2 x" "--resize 9999 x" "--nothing x"; do
		run hmm-slice $wrong
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	run hmm-slice --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"--voxel"* ]]
}
