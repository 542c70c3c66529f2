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
	refused "but a folder" hmm-slice "$BATS_TEST_TMPDIR"
	mkfifo pipe
	for file in pipe /dev/zero; do # not waited for, not read for ever
		refused "$file: not a regular file but a" timeout 10 hmm-slice $file
		refused "$file: not a regular file but a" \
			timeout 10 hmm-slice --mask $file "$golden/slice.nii.gz"
		refused "$file: not a regular file but a" \
			timeout 10 hmm-slice --list-files --mask $file "$golden/slice.nii.gz"
	done
	echo text >picture.gif
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

@test "--nan and --mask: what is not finite counts where it is inside" {
	inside() { for file in npy/*.npy; do tail -c 42 "$file"; done; }
	mkdir npy
	hmm-slice --resize 0 --crop 0 --mask "$golden/nan_mask.nii.gz" "$golden/nan.nii.gz" 2>said | hmm-show --npy npy >/dev/null
	inside | cmp - <(head -c 210 "$golden/slice_nan.bin")
	[ ! -s said ]
	hmm-slice --resize 0 --crop 0 --nan zero "$golden/nan.nii.gz" 2>said | hmm-show --npy npy >/dev/null
	inside | cmp - <(tail -c 210 "$golden/slice_nan.bin")
	grep -q 'nan.nii.gz: 150 of 210 voxels are not finite and taken for 0$' said
	[ "$(wc -l <said)" = 1 ]
	refused "150 of 210 voxels are not finite, want none: --nan zero" hmm-slice "$golden/nan.nii.gz"
	# a mask that is NaN where it is not above 0
	refused "150 of 210 voxels of its mask are not finite" hmm-slice --mask "$golden/nan.nii.gz" "$golden/nan.nii.gz"
	hmm-slice --resize 0 --crop 0 --nan zero --mask "$golden/nan.nii.gz" "$golden/nan.nii.gz" | hmm-show --npy npy >/dev/null
	inside | cmp - <(head -c 210 "$golden/slice_nan.bin")
	run hmm-slice --nan maybe "$golden/nan.nii.gz"
	[ "$status" -eq 2 ]
}

@test "--fit: the whole slice, its aspect in mm, on a square" {
	hmm-slice --fit --crop 28 --axis coronal "$golden/slice.nii.gz" 2>said | tensors 1 | cmp - "$golden/slice_fit.bin"
	[ ! -s said ]
	rm -r npy
	hmm-slice --fit --resize 28 --crop 0 --axis coronal "$golden/slice.nii.gz" | tensors 1 | cmp - "$golden/slice_fit.bin"
	# two volumes of one size whose voxels differ, in one run
	gzip -dc "$golden/slice.nii.gz" >flat.nii
	printf '\0\0\x20\x41' | dd of=flat.nii bs=1 seek=$((312 + 8)) conv=notrunc status=none # srow_z[2]: 10 mm
	hmm-slice --fit --crop 28 --axis coronal "$golden/slice.nii.gz" flat.nii "$golden/slice.nii.gz" >all.hmm
	rm -r npy
	[ "$(tensors 1 <all.hmm | tail -c $((22 * 784)) | cmp - "$golden/slice_fit.bin" && echo same)" = same ]
	rm -r npy
	[ "$(tensors 1 <all.hmm | head -c $((44 * 784)) | tail -c $((22 * 784)) | cmp -s - "$golden/slice_fit.bin" || echo other)" = other ]
	run hmm-slice --fit --resize 0 --crop 0 x.nii
	[ "$status" -eq 2 ]
	hmm-slice --fit --crop 40 "$golden/slice.png" | hmm-show >table.tsv
	[ "$(column shape)" = "(3,40,40)" ]
}

@test "--clip: percentiles as NumPy has them" {
	hmm-slice --clip 2,95 --resize 32 --crop 28 "$golden/slice.nii.gz" | tensors 1 | cmp - "$golden/slice_clip.bin"
	for wrong in 1 1,1 99,1 -1,99 0,100.1 1,99x nan,99; do
		run hmm-slice --clip $wrong x.nii
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "a crop that takes much of a volume away is said once an image, of many images in one line" {
	slice() { hmm-slice "$@" 2>said >/dev/null; }
	slice "$golden/slice.nii.gz"
	[ "$(cat said)" = "hmm-slice: warning: $golden/slice.nii.gz: the crop takes away 15 % of the summed grey; --fit keeps whole slices" ]
	slice "$golden/slice.nii.gz" "$golden/slice.nii.gz" "$golden/slice.nii.gz"
	[ "$(wc -l <said)" = 1 ]
	grep -q 'whole slices (and 2 more of this kind)$' said
	# zeros alone go, or nothing does, or it is a picture
	for how in '--crop 0' '--fit' '--resize 0 --crop 20' '--resize 0 --crop 22'; do
		# shellcheck disable=SC2086
		slice $how "$golden/slice.nii.gz"
		[ "$how" = '--resize 0 --crop 20' ] || [ ! -s said ]
	done
	slice "$golden/slice.png"
	[ ! -s said ]
	# also where it ends in an error
	slice "$golden/slice.nii.gz" absent.nii || [ "$(wc -l <said)" = 2 ]
}

@test "warnings of one kind are one line with their number" {
	gzip -dc "$golden/slice.nii.gz" >two.nii
	printf '\1\0' | dd of=two.nii bs=1 seek=252 conv=notrunc status=none                # qform_code
	head -c 12 /dev/zero | dd of=two.nii bs=1 seek=256 conv=notrunc status=none # no half turn
	hmm-slice --fit two.nii two.nii two.nii two.nii 2>said >/dev/null
	[ "$(wc -l <said)" = 1 ]
	grep -q '^hmm-slice: warning: two.nii: sform and qform disagree by .* (and 3 more of this kind)$' said
	hmm-slice --fit two.nii 2>said >/dev/null
	grep -q 'the sform is taken$' said
}

@test "a volume that would take too much memory, and the way round" {
	# 8 bytes a voxel, for it is scaled, and its inflated file of 2
	refused "18x22x14 voxels would take 5.54e-05 GB of memory, want at most 5e-05 (HMM_MAX_VOLUME=1" \
		env HMM_MAX_VOLUME=5e-5 hmm-slice "$golden/slice.nii.gz"
	HMM_MAX_VOLUME=6e-5 hmm-slice "$golden/slice.nii.gz" >/dev/null
	refused "HMM_MAX_VOLUME: found '4G', want gigabytes" env HMM_MAX_VOLUME=4G hmm-slice "$golden/slice.nii.gz"
	# 2 GB of zeros in 2 MB
	gzip -dc "$golden/slice.nii.gz" | head -c 352 >large.nii
	printf '\3\0\350\3\350\3\350\3' | dd of=large.nii bs=1 seek=40 conv=notrunc status=none # 1000^3
	{ gzip -c large.nii; head -c 4000000 /dev/urandom; } >large.nii.gz
	refused "1000x1000x1000 voxels would take 10 GB of memory, want at most 4 (HMM_MAX_VOLUME=10 " hmm-slice large.nii.gz
}

@test "what other formats are, and what makes ours of them" {
	head -c 600 /dev/zero >zeros
	{ head -c 128 zeros; printf DICM; cat zeros; } >IM0001
	refused "DICOM: dcm2niix" hmm-slice IM0001
	{ printf '\0\0\0\1'; cat zeros; } | gzip >brain.mgz
	refused "MGH: mri_convert" hmm-slice brain.mgz
	printf '\377\330\377\340' >x.jpg
	refused "JPEG: djpeg" hmm-slice x.jpg
	printf 'GIF89a' >x.gif
	refused "GIF: giftopnm" hmm-slice x.gif
	printf '<html>' >x.nii.gz
	refused "failed download" hmm-slice x.nii.gz
	pair "$golden/slice.nii.gz" a
	{ head -c 344 a.hdr; printf '\0\0\0\0'; } >b.hdr && cp a.img b.img
	for name in b.hdr b.img; do
		refused "ANALYZE 7.5, which does not say which side is left: convert it once" hmm-slice $name
	done
	gzip -dc "$golden/slice.nii.gz" >colour.nii
	printf '\200\0' | dd of=colour.nii bs=1 seek=70 conv=notrunc status=none # RGB24
	refused "3dcalc" hmm-slice colour.nii
	printf '\40\0' | dd of=colour.nii bs=1 seek=70 conv=notrunc status=none # COMPLEX64
	refused "fslcomplex -realabs" hmm-slice colour.nii
	for size in 1 2 11 20 100; do # of the header that gzip has, and of ours
		head -c $size "$golden/slice.nii.gz" >cut.nii.gz
		refused "cut.nii.gz: truncated: found" hmm-slice cut.nii.gz
	done
	cp "$golden/slice.nii.gz" bad.nii.gz
	chmod u+w bad.nii.gz
	printf 'xx' | dd of=bad.nii.gz bs=1 seek=12 conv=notrunc status=none
	refused "bad.nii.gz: cannot read: damaged gzip data: " hmm-slice bad.nii.gz
	[[ "$output" != *"<fd:"* ]]
}

@test "a 12-bit image in 16 bits is said to become dark" {
	{
		printf 'P5 4 1 65535\n'
		printf '\0\0\17\377\10\0\1\0'
	} >dark.pgm
	hmm-slice dark.pgm 2>said >/dev/null
	grep -q 'dark.pgm: its samples of up to 65535 become 0 to 16: stretch them' said
	{
		printf 'P5 4 1 4095\n'
		printf '\0\0\17\377\10\0\1\0'
	} >bright.pgm
	hmm-slice bright.pgm 2>said >/dev/null
	[ ! -s said ]
	hmm-slice "$golden/slice_12bit.png" 2>said | hmm-show >table.tsv
	[ "$(column max)" -le 15 ]
	grep -q 'its 16-bit samples are below 4096, and become 0 to 15: stretch them' said
}

@test "the history says whether a mask was used, image by image" {
	printf 'path\tmask\n%s\tn/a\n%s\t%s\n' "$golden"/slice.{nii.gz,nii.gz,nii.gz} >rows.tsv
	hmm-slice --fit --manifest rows.tsv >all.hmm
	[ "$(grep -aoE '(mask=yes )?axis=axial nan=error resize=224 crop=224 fit' all.hmm)" = \
		$'axis=axial nan=error resize=224 crop=224 fit\nmask=yes axis=axial nan=error resize=224 crop=224 fit' ]
	[ "$(hmm-show all.hmm | grep -c '^n/a')" = 28 ]
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
		$'hmm-slice\n4\naxis=axial frame=0 voxel=4x4x5 nan=error resize=256 crop=224' ]
	# files are left alone, and a terminal is no obstacle
	hmm-slice --show-history absent.nii.gz "$golden/slice.png" </dev/null | diff - <(hmm-slice --show-history)
	[ "$(hmm-slice --voxel 0.1 --show-history)" = "$(hmm-slice --voxel 1e-1x.1x0.10000000000000000 --show-history)" ]
	[ "$(hmm-slice --voxel 0.1 --show-history)" != "$(hmm-slice --voxel 0.10000000000000002 --show-history)" ]
	[ "$(hmm-slice --clip .5,99.50 --show-history)" = "$(hmm-slice --clip 5e-1,99.5 --show-history)" ]
	[[ "$(hmm-slice --fit --mask a --clip 1,99 --nan zero --show-history)" == *'"options":"mask=yes axis=axial nan=zero clip=1,99 resize=224 crop=224 fit"'* ]]
	[ "$(hmm-slice --fit --resize 50 --crop 0 --show-history)" = "$(hmm-slice --fit --crop 50 --show-history)" ]
	[ "$(hmm-slice --mask a --show-history)" = "$(hmm-slice --mask b --show-history)" ]
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
	gzip -dcf "$1" >single.nii
	{
		head -c 108 single.nii
		printf '\0\0\0\0'
		tail -c +113 single.nii | head -c 232
		printf 'ni1\0'
	} >"$2.hdr"
	tail -c +353 single.nii >"$2.img"
}

# Five images, which are written to rows.tsv with a column sha256: five [COLUMN]...
five() {
	local i
	for i in 1 2 3 4 5; do
		gzip -dc "$golden/slice.nii.gz" >$i.nii
		printf "\\$i" | dd of=$i.nii bs=1 seek=2000 conv=notrunc status=none
	done
	cp "$golden/slice.png" 3.png
	rows 1.nii 2.nii 3.png 4.nii 5.nii >rows.tsv
}
rows() { # PATH...
	printf 'path\tmask\tsha256\n'
	local path
	for path; do printf '%s\tn/a\t%s\n' "$path" "$(sha256sum <"$path" | cut -c 1-64)"; done
}

@test "--keep-going: an image that fails is left out whole, named, and the exit status is 1" {
	five
	slice() { hmm-slice -j 1 --fit --crop 28 "$@"; }
	breaks() { # WHAT NUMBER PATH: that row of rows.tsv, its path
		case $1 in
		torn) head -c $(($(stat -c %s "$3") / 2)) "$3" >torn && mv torn "$3" ;;
		header) head -c 100 "$3" >torn && mv torn "$3" ;;
		gone) rm "$3" ;;
		changed) printf x >>"$3" ;; # behind what is read: the digest alone tells
		mask) sed -i "$(($2 + 1))s/n\/a/absent.nii/" rows.tsv ;;
		esac
	}
	for what in torn header gone changed mask; do
		for rows in 1 3 5 '2 4' '1 2 3 4 5'; do
			five
			cp rows.tsv whole.tsv
			for row in $rows; do breaks $what $row "$(sed -n "$((row + 1))p" whole.tsv | cut -f 1)"; done
			status=0
			slice -k --manifest rows.tsv >have.hmm 2>said || status=$?
			[ "$status" = 1 ] || { echo "$what $rows: status $status"; return 1; }
			# a line an image, its name in it, and the stream is that of the others, to its end
			[ "$(wc -l <said)" = "$(wc -w <<<"$rows")" ] || { echo "$what $rows:"; cat said; return 1; }
			for row in $rows; do
				name=$(sed -n "$((row + 1))p" rows.tsv | cut -f 1)
				grep -qE "^hmm-slice: .*($name|$([ $what = mask ] && echo absent.nii || echo "$name"))" said
			done
			if [ "$rows" = '1 2 3 4 5' ]; then
				hmm-show --json have.hmm | wc -l | grep -qx 1 # the header
			else
				slice --manifest <(sed "$(for row in $rows; do printf '%dd;' $((row + 1)); done)" rows.tsv) | cmp - have.hmm
			fi
			# without it, the first one ends it, and the stream says so
			status=0
			slice --manifest rows.tsv >have.hmm 2>said || status=$?
			[ "$status" = 1 ]
			[ "$(wc -l <said)" = 1 ]
			! hmm-show have.hmm >/dev/null 2>&1 || { echo "$what $rows: a stream that looks finished"; return 1; }
		done
	done
	# nothing fails: nothing is different
	five
	slice -k --manifest rows.tsv | cmp - <(slice --manifest rows.tsv)
	# operands likewise
	! slice --keep-going 1.nii absent.nii 3.png 2>said >have.hmm || return 1
	diff said <(echo 'hmm-slice: absent.nii: cannot open: No such file or directory')
	slice 1.nii 3.png | cmp - have.hmm
	# and where what a row says of it cannot be, with all that it is to be stamped with or not
	printf 'subject\tmodality\tpath\tfeatures\timputed\nb\tT1\t1.nii\tn/a\tn/a\nc\tT1\t3.png\tn/a\tn/a\n' >good.tsv
	{
		cat good.tsv
		printf 'a\tT1\tn/a\tn/a\tn/a\n'
		printf 'a\tT1\t1.nii\t%s\tn/a\n' "$(printf '%05000d' 0)"
		printf 'a\tT1\t1.nii\tn/a\t%s\n' "$(printf '%064d' 0)" "$(printf '%063d' 0)"
	} | { read -r line; echo "$line"; sort; } >rows.tsv
	slice -k --manifest rows.tsv 2>said >have.hmm && return 1
	slice --manifest good.tsv | cmp - have.hmm
	[ "$(wc -l <said)" = 4 ]
	for what in 'row [1-6]: no path' 'features?.*5000 bytes|5000 bytes' 'no image of its own' 'imputed'; do grep -qE "^hmm-slice: .*$what" said; done
	refused 'rows.tsv: row ' hmm-slice --fit --crop 28 --manifest rows.tsv
	refused "found 'a+b', want one modality" hmm-slice -k --as a+b --manifest rows.tsv
	# a name of an operand's modality that is too long
	slice -k "$(printf '%02000d' 0)=1.nii" 1.nii 2>said >have.hmm && return 1
	[ "$(wc -l <said)" = 1 ]
	slice 1.nii | cmp - have.hmm
	# their files
	hmm-slice -k --list-files absent.nii 1.nii . 3.png 2>said >list.tsv && return 1
	hmm-slice --list-files 1.nii 3.png | cmp - list.tsv
	[ "$(wc -l <said)" = 2 ]
	refused 'absent.nii' hmm-slice --list-files absent.nii 1.nii
}

@test "--keep-going: a stream that cannot be written is passed over by nothing" {
	five
	for option in '' -k; do
		# the disk is full at the end, in the midst of an image, and where another one has failed
		refused "No space left" bash -c "exec -a hmm-slice hmm-slice $option 3.png >/dev/full"
		refused "No space left" bash -c "exec -a hmm-slice hmm-slice $option --manifest rows.tsv >/dev/full"
		run bash -c "hmm-slice --fit $option --manifest rows.tsv 2>said | head -c 60000 >/dev/null; echo \${PIPESTATUS[0]}"
		[ "$output" != 0 ]
		[ "$(wc -l <said)" -le 1 ]
	done
	rm 1.nii
	run bash -c 'hmm-slice --fit -k --manifest rows.tsv 2>&1 >/dev/full'
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 2 ]
	[[ "${lines[0]}" == *1.nii* ]]
	[[ "${lines[1]}" == *"No space left"* ]]
}

@test "a table's column sha256: an image is cut only if all its files are those" {
	five
	pair 1.nii a
	pair 2.nii b
	pair "$golden/slice.nii.gz" m
	sum() { sha256sum <"$1" | cut -c 1-64; }
	row() { printf 'path\tmask\tsha256\n%s\t%s\t%s\n' "$@" >row.tsv; }
	good() { row "$@" && hmm-slice --fit --crop 28 --manifest row.tsv | cmp - <(cut -f 1,2 row.tsv | hmm-slice --fit --crop 28 --manifest -); }
	bad() { row "${@:2}" && refused "$1" hmm-slice --fit --manifest row.tsv; }
	good 1.nii n/a "$(sum 1.nii)"
	good 3.png n/a "$(sum 3.png)"
	good 1.nii n/a n/a
	for named in a.hdr a.img; do good $named n/a "$(sum a.hdr),$(sum a.img)"; done
	good 1.nii m.hdr "$(sum 1.nii),$(sum m.hdr),$(sum m.img)"
	good a.img 4.nii "$(sum a.hdr),$(sum a.img),$(sum 4.nii)"
	good a.img m.img "$(sum a.hdr),$(sum a.img),$(sum m.hdr),$(sum m.img)"
	# each of the files counts
	one=$(sum 1.nii)
	bad "1.nii: has changed: its SHA-256 is ${one:0:12}.., in the table $(sum 2.nii | cut -c 1-12).." 1.nii n/a "$(sum 2.nii)"
	bad "3.png: has changed" 3.png n/a "$(sum 2.nii)"
	bad "a.img: has changed" a.hdr n/a "$(sum a.hdr),$(sum b.img)"
	bad "a.hdr: has changed" a.hdr n/a "$(sum a.img),$(sum a.hdr)"
	bad "m.hdr: has changed" 1.nii m.hdr "$one,$(sum m.img),$(sum m.img)"
	bad "m.img: has changed" 1.nii m.hdr "$one,$(sum m.hdr),$one"
	# as many as there are files, each whole, in small letters
	for wrong in x "$one," ",$one" "$one,$one" "${one:1}" "${one}0"; do
		bad "sha256 '${wrong:0:80}' in the table, want one of 1 file" 1.nii n/a "$wrong"
	done
	bad "sha256 '$one' in the table, want one of 2 files with commas between" a.hdr n/a "$one"
	bad "sha256 '$one' in the table, want one of 2 files with commas between" 1.nii 4.nii "$one"
	for wrong in "${one^^}" "${one:0:63}g" "${one:0:63},"; do
		[ "$wrong" = "$one" ] || bad "1.nii: has changed" 1.nii n/a "$wrong"
	done
	bad "a.hdr: has changed" a.hdr n/a "$(sum a.hdr) $(sum a.img)"
	bad "a.img: has changed" a.hdr n/a "$(sum a.hdr),$(sum a.img | cut -c 1-63),"
}

# The files of a folder that a program has opened: by strace, where it can.
opened() {
	# a leak checker is a tracer of its own
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=open,openat -o trace "$@" >/dev/null
	grep -v ENOENT trace | grep -o '"[^"]*"' | tr -d '"' | grep -E '^[a-z.]*\.(nii|hdr|img|png)(\.gz)?$' | sort -u
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
	[ "$(files b.img)" = "image=b.hdr.gz image=b.img" ] # the one that is named
	[ "$(files c.hdr)" = "image=c.hdr image=c.img.gz" ]
	[ "$(files d.img)" = "image=d.hdr.gz image=d.img" ]
	[ "$(files e.nii.gz)" = "image=e.nii.gz" ]
	[ "$(files PET=e.nii.gz)" = "image=e.nii.gz" ]
	[ "$(files "$golden/slice.png")" = "image=$golden/slice.png" ]
	[ "$(files --mask d.hdr.gz a.img)" = "image=a.hdr image=a.img mask=d.hdr.gz mask=d.img" ]
	[ "$(hmm-slice --list-files a.hdr T1w=e.nii.gz | cut -f1 | paste -sd' ')" = "image a.hdr a.hdr e.nii.gz" ]
	refused "not a regular file but a" hmm-slice --list-files .
	refused "cannot open" hmm-slice --list-files absent.nii
	refused "standard input has no name" hmm-slice --list-files -
	rm c.img.gz
	refused "c.img: cannot open" hmm-slice --list-files c.hdr
	head -c 100 a.hdr >torn.hdr
	refused "torn.hdr: truncated" hmm-slice --list-files torn.hdr
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip "no strace"
	cp a.hdr f.nii && cp a.img f.img # a header of a pair, called as if it were all
	cp "$golden/slice.png" g.png
	cp a.hdr m.hdr && cp a.img m.img && gzip -k m.img
	for named in a.hdr a.img b.hdr b.img b.img.gz b.hdr.gz d.img e.nii.gz f.nii f.img g.png \
		'--mask a.img e.nii.gz' '--mask m.hdr f.nii' '--mask e.nii.gz a.hdr' '--mask f.nii b.img'; do
		[ "$named" != f.img ] || cp f.nii f.hdr
		# shellcheck disable=SC2086
		diff <(opened hmm-slice $named) <(hmm-slice --list-files $named | awk 'NR > 1 { print $3 }' | sort -u)
	done
	# and so do those of a table's rows
	printf 'path\tmask\ng.png\tn/a\nf.nii\tm.img\n' >rows.tsv
	diff <(opened hmm-slice --manifest rows.tsv) \
		<(hmm-slice --list-files --manifest rows.tsv | awk 'NR > 1 { print $3 }' | sort -u)
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
