load helper

grey() { # NAME WIDTH HEIGHT VALUE...: NAME.pgm, of these bytes over and over
	local name=$1 width=$2 height=$3 bytes
	shift 3
	printf -v bytes '\\x%02x' "$@"
	{
		printf 'P5\n%d %d\n255\n' "$width" "$height"
		for ((i = 0; i < width * height; i += $#)); do printf "$bytes"; done | head -c $((width * height))
	} >"$name.pgm"
}
cut_as_is() { hmm-slice -q --resize 0 --crop 0 "$@"; }
similar() { hmm-similarity -q "$@"; }
# A cell of a table with names above: cell TABLE COLUMN [COLUMN=VALUE]...
cell() {
	awk -F'\t' -v want="$2" -v where="${*:3}" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(where, pairs, " "); next }
		{
			for (k = 1; k <= n; k++) { split(pairs[k], pair, "="); if ($at[pair[1]] != pair[2]) next }
			print $at[want]
		}' "$1"
}
near() { # A B: to nine digits
	awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; exit !((d < 0 ? -d : d) <= 1e-9 * (1 + (b < 0 ? -b : b))) }' ||
		{ echo "$1, want $2"; return 1; }
}
# Four subjects, T1w and PET of six noisy slices each.
study() {
	hmm-phantom -o study --kind noise --subjects 4 --size 20 --slices 6 --missing 0 -s 2
	for folder in study/sub-*; do
		cut_as_is --subject "${folder#*/}" "T1w=$(ls "$folder"/anat/*.nii.gz)"
	done >t1.hmm
	for folder in study/sub-*; do
		cut_as_is --subject "${folder#*/}" "PET=$(ls "$folder"/pet/*.nii.gz)"
	done >pet.hmm
}
# The slices of a stream as those of another modality, and imputed by a generator or not.
rename() { # STREAM MODALITY DIGEST|n/a
	rm -rf npy && mkdir npy
	hmm-show --npy npy "$1" | grep -v '^#' | awk -F'\t' -v OFS='\t' -v modality="$2" -v imputed="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 { $at["modality"] = modality; $at["imputed"] = imputed }
		{ print }' >renamed.tsv
	hmm-show --from-npy slices renamed.tsv
}
digest=$(printf '0123456789abcdef%.0s' 1 2 3 4)

@test "hmm-similarity: known answers of constant slices" {
	grey a 16 12 100
	grey b 16 12 120
	cut_as_is --subject s PET=a.pgm >real.hmm
	cut_as_is --subject s PET=b.pgm | similar -r real.hmm >table
	[ "$(head -n 1 table)" = $'modality\timputed\tmeasure\tmean\tsd\tn\tslices\tdata_range' ]
	[ "$(cut -f 3 table | tail -n +2 | xargs)" = 'ssim ssim_skimage psnr l1' ]
	near "$(cell table mean measure=ssim)" "$(awk 'BEGIN { c = 6.5025; printf "%.15g", (24000 + c) / (24400 + c) }')"
	near "$(cell table mean measure=ssim_skimage)" "$(cell table mean measure=ssim)"
	near "$(cell table mean measure=psnr)" "$(awk 'BEGIN { printf "%.15g", 20 * log(255 / 20) / log(10) }')"
	near "$(cell table mean measure=l1)" "$(awk 'BEGIN { printf "%.15g", 20 / 255 }')"
	[ "$(cell table data_range measure=l1)" = 255 ]
	[ "$(cell table sd measure=l1)" = n/a ]
	similar -r real.hmm <real.hmm >same
	diff <(cut -f 3-7 same) - <<-END
		measure	mean	sd	n	slices
		ssim	1	n/a	1	1
		ssim_skimage	1	n/a	1	1
		psnr	inf	n/a	1	1
		l1	0	n/a	1	1
	END
}

@test "hmm-similarity: whatever the order of both streams, the same bytes" {
	study
	cat t1.hmm pet.hmm >real.hmm
	rename t1.hmm PET "$digest" >imputed.hmm
	similar -r real.hmm --inside t1.hmm --per slice <imputed.hmm >want
	[ "$(wc -l <want)" = 25 ]
	rm -rf npy && mkdir npy
	hmm-show --npy npy imputed.hmm | grep -v '^#' >order.tsv
	{ head -n 1 order.tsv; tail -n +2 order.tsv | sort -r -k 16; } >reverse.tsv
	hmm-show --from-npy slices reverse.tsv >reverse.hmm
	differ imputed.hmm reverse.hmm
	cat pet.hmm t1.hmm >other.hmm
	for per in slice image modality; do
		similar -r real.hmm --inside t1.hmm --per $per <imputed.hmm >want
		similar -r other.hmm --inside t1.hmm --per $per <reverse.hmm >have
		cmp have want
	done
}

@test "hmm-similarity: a modality is the mean and SD of its images, an image all of its pixels" {
	study
	rename t1.hmm PET "$digest" >imputed.hmm
	for per in slice image modality; do similar -r pet.hmm --inside t1.hmm --per $per <imputed.hmm >$per; done
	[ "$(cut -f 1-4 image | tail -n +2 | head -n 1)" = "PET	$digest	sub-001	6" ]
	[ "$(cut -f 1-4 slice | sed -n 8p)" = "PET	$digest	sub-002	0" ]
	[ "$(cut -f 6,7 modality | sort -u | head -n 1)" = $'4\t24' ]
	for measure in ssim ssim_skimage psnr l1 ssim_inside ssim_skimage_inside psnr_inside l1_inside; do
		cell image $measure | awk '{ x[NR] = $1; sum += $1 } END {
			for (i = 1; i <= NR; i++) square += (x[i] - sum / NR) ^ 2
			printf "%.12g %.12g\n", sum / NR, sqrt(square / (NR - 1)) }' >moments
		read -r mean sd <moments
		near "$(cell modality mean measure=$measure)" "$mean"
		near "$(cell modality sd measure=$measure)" "$sd"
	done
	for measure in ssim ssim_skimage l1; do # of slices of one size the image's is their mean
		near "$(cell image $measure subject=sub-003)" \
			"$(cell slice $measure subject=sub-003 | awk '{ sum += $1 } END { printf "%.12g", sum / NR }')"
	done
	near "$(cell image psnr subject=sub-003)" \
		"$(cell slice psnr subject=sub-003 | awk '{ sum += 10 ^ (-$1 / 10) } END { printf "%.12g", -10 * log(sum / NR) / log(10) }')"
}

@test "hmm-similarity: inside is where a third slice of the subject is above 0, whatever its modality" {
	grey real 12 16 100
	grey other 12 16 100 100 100 100 100 100 140 140 140 140 140 140
	grey left 12 16 9 1 3 255 2 8 0 0 0 0 0 0
	grey right 12 16 0 0 0 0 0 0 1 1 1 1 1 1
	grey black 12 16 0
	cut_as_is --subject s PET=real.pgm >real.hmm
	cut_as_is --subject s PET=other.pgm >other.hmm
	for mask in left right black; do
		cut_as_is --subject s $mask=$mask.pgm >$mask.hmm
		hmm-similarity -r real.hmm --inside $mask.hmm --per slice <other.hmm >$mask 2>said
		[ ! -s said ]
	done
	near "$(cell left l1)" "$(awk 'BEGIN { printf "%.15g", 20 / 255 }')"
	[ "$(cell left l1_inside)" = 0 ]
	[ "$(cell left psnr_inside)" = inf ]
	near "$(cell right l1_inside)" "$(awk 'BEGIN { printf "%.15g", 40 / 255 }')"
	near "$(cell right psnr_inside)" "$(awk 'BEGIN { printf "%.15g", 20 * log(255 / 40) / log(10) }')"
	# 10 x 6 windows of 7 x 7, whose middles are columns 3 to 8: the mean of both halves is that of all
	near "$(awk -v a="$(cell left ssim_skimage_inside)" -v b="$(cell right ssim_skimage_inside)" 'BEGIN { printf "%.12g", (a + b) / 2 }')" \
		"$(cell right ssim_skimage)"
	[ "$(cut -f 9-12 black | tail -n 1)" = $'n/a\tn/a\tn/a\tn/a' ]
	[ "$(cut -f 5-8 black)" = "$(cut -f 5-8 left)" ]
	# without one of its own nothing is inside, and that is said
	cut_as_is --subject t x=left.pgm >stranger.hmm
	hmm-similarity -r real.hmm --inside stranger.hmm --per slice <other.hmm >have 2>said
	cmp have black
	grep -q '^hmm-similarity: 1 of the slices have none of the same subject and index in stranger.hmm' said
	cat left.hmm right.hmm >both.hmm
	refuse 1 'both.hmm: records 1 and 2 \(s right\) are both slice 0 of their subject, want one modality' \
		sh -c 'hmm-similarity -r real.hmm --inside both.hmm <other.hmm'
}

@test "hmm-similarity: what has no partner is left out and counted" {
	study
	rename t1.hmm PET n/a | similar -r pet.hmm >want
	for folder in study/sub-00[124]; do
		cut_as_is --subject "${folder#*/}" "PET=$(ls "$folder"/pet/*.nii.gz)"
	done >fewer.hmm
	rename t1.hmm PET n/a >as-pet.hmm
	cat as-pet.hmm t1.hmm | hmm-similarity -r fewer.hmm >have 2>said
	[ "$(cat said)" = "hmm-similarity: 18 slices compared; 30 have no partner in fewer.hmm, where 0 have none here" ]
	[ "$(cell have n measure=psnr) $(cell have slices measure=psnr)" = "3 18" ]
	hmm-similarity -r pet.hmm <fewer.hmm >have 2>said
	[ "$(cat said)" = "hmm-similarity: 18 slices compared; 0 have no partner in pet.hmm, where 6 have none here" ]
	refuse 1 'no slice has a partner in pet.hmm: none of the same subject, modality and index' \
		sh -c 'hmm-similarity -r pet.hmm <t1.hmm'
	[ ! -s refused.out ]
}

@test "hmm-similarity: generators are apart, and no imputed image is real" {
	study
	other=$(printf 'f%.0s' {1..64})
	rename t1.hmm PET "$digest" >one.hmm
	rename t1.hmm PET "$other" >two.hmm
	cat two.hmm pet.hmm one.hmm | similar -r pet.hmm >table
	[ "$(cut -f 2 table | uniq | xargs)" = "imputed n/a $digest $other" ]
	[ "$(cell table mean "measure=ssim" imputed=n/a)" = 1 ]
	[ "$(cell table mean "measure=l1" "imputed=$digest")" = "$(cell table mean "measure=l1" "imputed=$other")" ]
	refuse 1 'one.hmm: subject sub-001: slice 0 of its PET was imputed, want a real one' \
		sh -c 'hmm-similarity -r one.hmm <pet.hmm'
	refuse 1 'one.hmm: .* was imputed, want a real one' sh -c 'hmm-similarity -r pet.hmm --inside one.hmm <pet.hmm'
}

@test "hmm-similarity: slices smaller than a window, and grey beside RGB" {
	grey a 9 30 1 7 200 30
	grey b 9 30 9 90 100 11 40
	cut_as_is --subject s PET=a.pgm >real.hmm
	cut_as_is --subject s PET=b.pgm | similar -r real.hmm >table
	[ "$(cell table mean measure=ssim) $(cell table n measure=ssim) $(cell table slices measure=ssim)" = "n/a 0 0" ]
	[ "$(cell table n measure=ssim_skimage)" = 1 ]
	{ printf 'P6\n9 30\n255\n'; tail -c 270 b.pgm | od -An -v -tx1 | tr -s ' \n' '\n\n' |
		awk 'NF { printf "\\x%s\\x%s\\x%s", $1, $1, $1 }' | xargs -0 printf; } >b.ppm
	cut_as_is --subject s PET=b.ppm >rgb.hmm
	hmm-show rgb.hmm | grep -qF '(3,30,9)'
	similar -r real.hmm <rgb.hmm >have
	diff have table
	similar -r rgb.hmm <real.hmm >have
	diff have table
	# of RGB beside RGB each channel has its own partner
	for blue in '\x09' '\x12'; do
		{ printf 'P6\n8 8\n255\n'; for i in {1..64}; do printf "\x05\x30$blue"; done; } >"c$blue.ppm"
		cut_as_is --subject s "PET=c$blue.ppm" >"c$blue.hmm"
	done
	similar -r 'c\x09.hmm' <'c\x12.hmm' >have
	near "$(cell have mean measure=l1)" "$(awk 'BEGIN { printf "%.15g", 9 / 3 / 255 }')"
	near "$(cell have mean measure=ssim_skimage)" \
		"$(awk 'BEGIN { c = 6.5025; printf "%.15g", (2 + (2 * 9 * 18 + c) / (9 * 9 + 18 * 18 + c)) / 3 }')"
	grey tiny 1 1 3
	cut_as_is --subject s PET=tiny.pgm >tiny.hmm
	similar -r tiny.hmm <tiny.hmm >have
	[ "$(cut -f 4 have | xargs)" = "mean n/a n/a inf 0" ]
}

@test "hmm-similarity: refuses what cannot be compared, in one line" {
	study
	grey a 12 16 1
	grey b 16 12 1
	cut_as_is --subject s PET=a.pgm >a.hmm
	cut_as_is --subject s PET=b.pgm >b.hmm
	refuse 1 'standard input: record 1 \(s PET\): 12x16 pixels, want 16x12 as its partner' sh -c 'hmm-similarity -r a.hmm <b.hmm'
	refuse 1 'record 1 \(s PET\): 12x16 pixels, want 16x12 as what is inside' \
		sh -c 'hmm-similarity -r b.hmm --inside a.hmm <b.hmm'
	cat a.hmm b.hmm a.hmm >twice.hmm
	refuse 1 'twice.hmm: records 1 and 2 \(s PET\) are both slice 0 of their subject and modality' \
		sh -c 'hmm-similarity -r twice.hmm <a.hmm'
	refuse 1 'subject s: slice 0 of its PET stands twice' sh -c 'cat a.hmm a.hmm | hmm-similarity -r a.hmm'
	cut_as_is PET=a.pgm >nobody.hmm
	cut_as_is --subject s a.pgm >nothing.hmm
	refuse 1 'nobody.hmm: record 1 \(PET\): no subject' sh -c 'hmm-similarity -r nobody.hmm <a.hmm'
	refuse 1 'nothing.hmm: record 1 .*: no modality' sh -c 'hmm-similarity -r nothing.hmm <a.hmm'
	refuse 1 'no slice has a partner' sh -c 'hmm-similarity -r a.hmm <nobody.hmm'
	refuse 1 'no regular file' bash -c 'hmm-similarity -r <(cat a.hmm) <a.hmm'
	refuse 1 'nosuch.hmm: cannot open' sh -c 'hmm-similarity -r nosuch.hmm <a.hmm'
	refuse 1 'a.pgm: byte 0' sh -c 'hmm-similarity -r a.pgm <a.hmm'
	refuse 1 'standard input: empty' sh -c 'hmm-similarity -r a.hmm </dev/null'
	head -c -5 t1.hmm >cut.hmm
	refuse 1 'cut.hmm: .*ends early' sh -c 'hmm-similarity -r cut.hmm <t1.hmm'
	refuse 1 'standard input: .*ends early' sh -c 'hmm-similarity -r t1.hmm <cut.hmm'
	[ ! -s refused.out ]
	hmm-weights --random vgg11 --width 0.02 -s 1 -o vgg.safetensors
	hmm-slice -q --subject s PET=a.pgm | hmm-vgg -q -w vgg.safetensors >features.hmm
	refuse 1 'found a stream of features, want slices' sh -c 'hmm-similarity -r features.hmm <a.hmm'
	refuse 2 'want -r REAL' hmm-similarity
	refuse 2 'no operands wanted' hmm-similarity -r a.hmm a.hmm
	refuse 2 'per' hmm-similarity -r a.hmm --per subject
}

@test "hmm-similarity: of the files it keeps places, not slices" {
	! grep -q __asan_init "$(command -v hmm-similarity)" || skip "AddressSanitizer takes all of the address space"
	{ printf 'P5\n1000 1000\n255\n'; head -c 1000000 /dev/zero | tr '\0' '\7'; } >a.pgm
	for i in $(seq 20); do cut_as_is --subject "s$i" PET=a.pgm; done >real.hmm
	# 20 MB of slices twice
	(ulimit -v 30000 && similar -r real.hmm --inside real.hmm <real.hmm >table)
	[ "$(cell table n measure=ssim_inside)" = 20 ]
}

@test "hmm-similarity: slices that were cut otherwise are no partners, without --any-history" {
	hmm-phantom -q -o study --subjects 4 --size 16 --slices 16 --missing 0 -s 1
	hmm-manifest -q --bids study --label diagnosis --positive AD | awk -F'\t' 'NR == 1 || $2 == "T1w"' >t1.tsv
	cut() { hmm-slice -q --resize 0 --crop 0 --stamp --manifest t1.tsv "$@"; }
	cut >axial.hmm
	cut --axis sagittal >sagittal.hmm
	refuse 1 'record 1 .*: T1w was made by hmm-slice with axis=axial, but the T1w that it is paired with .*axis=sagittal \(--any-history' \
		sh -c 'hmm-similarity -q -r sagittal.hmm <axial.hmm'
	refuse 1 'axis=axial, but the T1w .*axis=sagittal' sh -c 'hmm-similarity -q -r axial.hmm --inside sagittal.hmm <axial.hmm'
	hmm-similarity -q --any-history -r sagittal.hmm <axial.hmm | grep -q ssim
	# each record has its own stream's history
	{ hmm-slice -q --resize 0 --crop 0 --stamp --manifest <(head -n 2 t1.tsv) && hmm-slice -q --axis sagittal --resize 0 --crop 0 --stamp --manifest <(sed 2d t1.tsv); } >two.hmm
	hmm-slice -q --resize 0 --crop 0 --stamp --manifest <(head -n 2 t1.tsv) | hmm-similarity -q -r two.hmm >/dev/null
	refuse 1 'axis=axial, but the T1w .*axis=sagittal' sh -c 'hmm-similarity -q -r two.hmm <axial.hmm'
	# an imputed image is one of the same cut
	hmm-split -q --ratio 1:0:0 -s 1 t1.tsv | hmm-slice -q --resize 0 --crop 0 --stamp --manifest - |
		hmm-gan -q --train resize --size 32 --from T1w --to T1w -o gan.safetensors
	hmm-gan -q -w gan.safetensors <axial.hmm | hmm-similarity -q -r axial.hmm | grep -q ssim
}
