load helper

golden() { echo "$root/tests/golden/$1"; }

# Six subjects with MRI and PET of four slices each: four to train, one to validate, one to test.
study() {
	hmm-phantom -o study --subjects 6 --size 32 --slices 4 --missing 0 -s 1
	hmm-manifest -q --bids study --label diagnosis --positive AD |
		awk -F'\t' -v OFS='\t' 'NR > 1 && $2 != "T1w" { $2 = "PET" } { print }' |
		hmm-split --ratio 4:1:1 -s 1 >manifest.tsv
	as_is --manifest manifest.tsv --stamp >slices.hmm
	rows 'T1w' >t1.tsv
	as_is --manifest t1.tsv --stamp >t1.hmm
}
as_is() { hmm-slice -q --resize 0 --crop 0 "$@"; }
rows() { awk -F'\t' -v which="$1" 'NR == 1 || $2 == which' manifest.tsv; }

# A tiny network: learn METHOD FILE [OPTION]...
tiny=(--size 32 --ngf 2 --ndf 2 --epochs 1 --epochs-decay 1)
learn() {
	local own=()
	case $1 in
	cyclegan) own=("${tiny[@]}" --blocks 1) ;;
	pix2pix) own=("${tiny[@]}") ;;
	esac
	hmm-gan -q --train "$1" --from T1w --to PET "${own[@]}" -o "$2" "${@:3}"
}
impute() { hmm-gan -q "$@"; }

# All bytes of a stream's slices, one behind the other.
pixels() { # STREAM
	local folder file size
	folder=$(mktemp -d -p .)
	hmm-show --npy "$folder" "$1" | awk -F'\t' '/^#/ { next } ++n > 1 { split(substr($10, 2), s, /[,)]/); print $(NF - 2) "\t" s[1] * s[2] * s[3] }' |
		while IFS=$'\t' read -r file size; do tail -c "$size" "$file"; done
}
# The same as numbers, a line each.
numbers() { pixels "$1" | od -An -v -tu1 -w1; }
# At most so many bytes differ, and those by 1: near FILE FILE MOST
near() {
	[ "$(stat -c %s "$1")" = "$(stat -c %s "$2")" ] || { echo "$1: not as long as $2"; return 1; }
	paste <(od -An -v -tu1 -w1 "$1") <(od -An -v -tu1 -w1 "$2") | awk -v most="$3" '
		{ d = $1 - $2 } d { n++ } d > 1 || d < -1 { far++ }
		END { print n + 0 " bytes differ, " far + 0 " by more than 1"; exit n > most || far }'
}

# ---- imputing ----

@test "hmm-gan: an image of one modality becomes one of the other, marked by the generator's digest" {
	study
	learn pix2pix gan.safetensors <slices.hmm
	impute -w gan.safetensors --to PET <t1.hmm >pet.hmm
	digest=$(sha256sum <gan.safetensors | cut -d ' ' -f 1)
	hmm-show t1.hmm | grep -v '^#' | cut -f 1-2,4-11 | sed 's/	T1w	/	PET	/' >want
	hmm-show pet.hmm | grep -v '^#' | cut -f 1-2,4-11 | sed 's/	T1w	/	PET	/' | diff - want
	hmm-show pet.hmm | awk -F'\t' '/^#/ { next } ++n > 1 { print $3, $NF }' | sort -u | grep -qx "PET $digest"
	[ "$(hmm-show pet.hmm | grep -c "$digest")" = 25 ] # and once in the history
	# the image is another one, and not one for all
	! cmp -s <(pixels t1.hmm) <(pixels pet.hmm) || return 1
	pixels pet.hmm >bytes
	! cmp -s <(head -c 1024 bytes) <(tail -c 1024 bytes) || return 1
}

@test "hmm-gan: --show-history is the entry that the stream carries" {
	study
	for method in pix2pix mean; do
		learn $method gan.safetensors <slices.hmm
		impute -w gan.safetensors --to PET -s 5 <t1.hmm | hmm-show --json | tr -d ' \n' >stream
		impute -w gan.safetensors --to PET -s 5 --show-history >entry
		[ "$(wc -l <entry)" = 1 ]
		grep -qF "$(sha256sum <gan.safetensors | cut -d ' ' -f 1)" entry
		options=$(sed 's/.*"options": *"\([^"]*\)".*/\1/' entry)
		grep -qF "$(tr -d ' ' <<<"$options")" stream
	done
	[ "$options" = 'from=T1w to=PET seed=5' ] # no kernels, no side: there is no network
	learn pix2pix gan.safetensors <slices.hmm
	impute -w gan.safetensors --to PET --eval --no-dropout --show-history |
		grep -qE '"from=T1w to=PET seed=0 size=32 eval no-dropout core=[A-Za-z0-9]+"'
}

@test "hmm-gan: hmm-slice | hmm-gan | hmm-vgg; a manifest's imputed rows; features of their own" {
	study
	learn pix2pix gan.safetensors <slices.hmm
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	digest=$(sha256sum <gan.safetensors | cut -d ' ' -f 1)
	awk -F'\t' -v OFS='\t' -v digest="$digest" '{ print $0, NR == 1 ? "imputed" : $2 == "PET" ? digest : "n/a" }
		$2 == "PET" { path = $6 }' manifest.tsv | sed "s|/pet/\([^/]*\)_trc-18FFDG_pet|/anat/\1_T1w|" >imputed.tsv
	awk -F'\t' 'NR == 1 || $2 == "PET"' imputed.tsv >rows.tsv
	refuse 1 'imputed' hmm-slice --manifest rows.tsv
	as_is --stamp --manifest rows.tsv --as T1w | impute -w gan.safetensors --to PET | hmm-vgg -q -w vgg.safetensors >features.hmm
	hmm-show features.hmm | awk -F'\t' '/^#/ { next } ++n > 1 { print $3, $NF }' | sort -u | grep -qx "PET $digest"
	[ "$(hmm-show features.hmm | grep -c '^sub-')" = 6 ]
	hmm-show features.hmm | grep -q '^# hmm-gan	'
}

@test "hmm-gan: slices that are not square, and of another side than the network's, keep their size" {
	study
	learn pix2pix gan.safetensors --size 64 <slices.hmm
	as_is --subject s "T1w=$(golden generator.pgm)" >wide.hmm
	impute -w gan.safetensors --any-history <wide.hmm >pet.hmm
	[ "$(hmm-show pet.hmm | tail -n 1 | cut -f 10)" = '(1,20,28)' ]
	# a side that the network cannot have
	refuse 1 'want sides of 64 to 4096, multiples of 64' sh -c 'hmm-gan -w gan.safetensors --size 32 <t1.hmm'
	impute -w gan.safetensors --size 128 <t1.hmm >larger.hmm
	impute -w gan.safetensors <t1.hmm >same.hmm
	! cmp -s <(pixels larger.hmm) <(pixels same.hmm) || return 1
}

@test "hmm-gan: colours: a generator of them learns from them, and takes grey" {
	as_is --subject a "T1w=$(golden generator.ppm)" >from.hmm
	{ printf 'P6\n28 20\n255\n'; tail -c 1680 "$(golden generator.ppm)" | LC_ALL=C tr '\000-\377' '\200-\377\000-\177'; } >to.ppm
	as_is --subject a PET=to.ppm >to.hmm
	mkdir npy
	cat from.hmm to.hmm >both.hmm
	hmm-show --npy npy both.hmm | awk -F'\t' -v OFS='\t' '/^#/ { next } ++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i } n > 1 { $at["split"] = "train" } { print }' |
		hmm-show --from-npy slices --name colours >train.hmm
	learn pix2pix gan.safetensors <train.hmm
	hmm-show gan.safetensors | grep -q '^model.model.0.weight	F32	(2,3,4,4)	'
	impute -w gan.safetensors --any-history <from.hmm >pet.hmm
	[ "$(hmm-show pet.hmm | tail -n 1 | cut -f 10)" = '(3,20,28)' ]
	as_is --subject a "T1w=$(golden generator.pgm)" | impute -w gan.safetensors --any-history >pet.hmm
	[ "$(hmm-show pet.hmm | tail -n 1 | cut -f 10)" = '(1,20,28)' ]
	# the other way round there is nothing to choose by
	study
	learn pix2pix grey.safetensors <slices.hmm
	refuse 1 'record 1 \(a T1w\): 3 channels, want 1, which the generator takes' sh -c 'hmm-gan -w grey.safetensors --any-history <from.hmm'
}

@test "hmm-gan: cycleGAN imputes either modality, pix2pix the one" {
	study
	rows PET | as_is --stamp --manifest - >real.hmm
	learn cyclegan gan.safetensors <slices.hmm
	impute -w gan.safetensors --to PET <t1.hmm >pet.hmm
	impute -w gan.safetensors --to T1w <real.hmm >mri.hmm
	[ "$(hmm-show pet.hmm | tail -n 1 | cut -f 3)" = PET ]
	[ "$(hmm-show mri.hmm | tail -n 1 | cut -f 3)" = T1w ]
	hmm-show mri.hmm | grep -q 'from=PET to=T1w'
	# each with its own generator, whose tensors are those of a public model
	hmm-weights -q --prefix G_A. -o a.safetensors gan.safetensors
	hmm-weights -q --prefix G_B. -o b.safetensors gan.safetensors
	impute -w a.safetensors --size 32 --from T1w --to PET --any-history <t1.hmm >made.hmm
	cmp <(pixels made.hmm) <(pixels pet.hmm)
	impute -w b.safetensors --size 32 --from PET --to T1w --any-history <real.hmm >made.hmm
	cmp <(pixels made.hmm) <(pixels mri.hmm)
	refuse 1 'modality .T1w., want PET to make T1w of' sh -c 'hmm-gan -w gan.safetensors --to T1w <t1.hmm'
	refuse 1 'makes PET of T1w and back, found --to CT$' sh -c 'hmm-gan -w gan.safetensors --to CT <t1.hmm'
	impute -w gan.safetensors --from PET <real.hmm | cmp - mri.hmm
	refuse 1 'makes PET of T1w and back, found --from CT$' sh -c 'hmm-gan -w gan.safetensors --from CT <t1.hmm'
	refuse 1 'found --from CT --to T1w' sh -c 'hmm-gan -w gan.safetensors --from CT --to T1w <t1.hmm'
	learn pix2pix gan.safetensors <slices.hmm
	refuse 1 'makes PET of T1w, found --to T1w$' sh -c 'hmm-gan -w gan.safetensors --to T1w <t1.hmm'
}

@test "hmm-gan: --eval, the seed and --no-dropout are about what they say" {
	study
	learn pix2pix gan.safetensors --size 64 <slices.hmm # six halvings: the first with dropout
	for options in '' '-s 1' '--eval' '--eval -s 1' '--no-dropout' '--no-dropout -s 1' '--eval --no-dropout'; do
		impute -w gan.safetensors $options <t1.hmm >pet.hmm
		pixels pet.hmm | cksum
	done >sums
	[ "$(sort -u sums | wc -l)" = 4 ]
	[ "$(sed -n '3p;4p;7p' sums | sort -u | wc -l)" = 1 ]
	[ "$(sed -n '5p;6p' sums | sort -u | wc -l)" = 1 ]
	# what is drawn for a slice does not depend on what else is there
	hmm-slice -q --resize 0 --crop 0 --stamp --manifest <(sed 1q manifest.tsv; rows T1w | tail -n 1) >last.hmm
	cmp <(impute -w gan.safetensors <last.hmm >a.hmm && pixels a.hmm) <(impute -w gan.safetensors <t1.hmm >b.hmm && pixels b.hmm | tail -c 4096)
}

@test "hmm-gan: what is dropped follows from the pixels and the index, whoever they are of" {
	study
	learn pix2pix gan.safetensors --size 64 <slices.hmm
	impute -w gan.safetensors <t1.hmm >stamped.hmm
	impute -w gan.safetensors --show-history >entry
	hmm-manifest -q --impute entry t1.tsv | awk -F'\t' 'NR == 1 || $2 == "PET"' >rows.tsv
	as_is --manifest rows.tsv --as T1w | impute -w gan.safetensors >bare.hmm # as features are made
	cmp <(pixels stamped.hmm) <(pixels bare.hmm)
	# one image as two subjects', with the slices numbered from 0 and from 4 on
	path=$(awk -F'\t' 'NR == 2 { print $6 }' t1.tsv)
	as_is --subject a T1w="$path" | impute -w gan.safetensors >a.hmm
	as_is --subject b T1w="$path" | impute -w gan.safetensors >b.hmm
	cmp <(pixels a.hmm) <(pixels b.hmm)
	mkdir npy
	as_is --subject a T1w="$path" | hmm-show --npy npy | awk -F'\t' -v OFS='\t' '/^#/ { next }
		++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		n > 1 { $at["index"] += 4; $at["count"] += 4 } { print }' | hmm-show --from-npy slices --name later >later.hmm
	impute -w gan.safetensors --any-history <later.hmm >b.hmm
	! cmp -s <(pixels a.hmm) <(pixels b.hmm) || return 1
	impute -w gan.safetensors --no-dropout --any-history <later.hmm >b.hmm
	as_is --subject a T1w="$path" | impute -w gan.safetensors --no-dropout >a.hmm
	cmp <(pixels a.hmm) <(pixels b.hmm)
}

@test "hmm-gan: the same bytes for any -j, and from training again, in any order" {
	study
	(head -n 1 manifest.tsv; tail -n +2 manifest.tsv | tac) >turned.tsv
	as_is --manifest turned.tsv --stamp >turned.hmm
	for method in pix2pix cyclegan; do
		learn $method 1.safetensors -j 1 --curve 1.tsv <slices.hmm
		learn $method 3.safetensors -j 3 --curve 3.tsv <slices.hmm
		learn $method turned.safetensors -j 2 <turned.hmm
		cmp 1.safetensors 3.safetensors
		cmp 1.tsv 3.tsv
		cmp 1.safetensors turned.safetensors
		learn $method other.safetensors -s 1 <slices.hmm
		! cmp -s 1.safetensors other.safetensors || return 1
		impute -w 1.safetensors -j 1 <t1.hmm >1.hmm
		impute -w 1.safetensors -j 3 <t1.hmm >3.hmm
		cmp 1.hmm 3.hmm
	done
}

@test "hmm-gan: the mean image and the best table, as awk makes them" {
	study
	for method in mean table; do
		learn $method $method.safetensors <slices.hmm
		impute -w $method.safetensors --to PET <t1.hmm >$method.hmm
	done
	awk -F'\t' 'NR == 1 || $5 == "train"' manifest.tsv >train.tsv
	for modality in T1w PET; do
		awk -F'\t' -v which=$modality 'NR == 1 || $2 == which' train.tsv | as_is --manifest - >part.hmm
		numbers part.hmm >$modality.txt
	done
	numbers t1.hmm >all.txt
	seq 0 255 >ramp.txt
	# four slices a subject, of 1024 pixels; halves go up
	awk '{ sum[(NR - 1) % 4096] += $1 } END { for (i = 0; i < 4096; i++) print int(sum[i] / (NR / 4096) + .5) }' PET.txt >mean.txt
	for ((i = 0; i < 6; i++)); do cat mean.txt; done | cmp - <(numbers mean.hmm | tr -d ' ')
	cat >best.awk <<-'END'
		NR == FNR { sum[$1] += $2; n[$1]++; next }
		FNR == 1 {
			for (v = 0; v < 256; v++) {
				for (low = v; low >= 0 && !n[low]; low--);
				for (high = v; high < 256 && !n[high]; high++);
				if (low < 0) low = high
				if (high > 255) high = low
				a = sum[low] / n[low]
				table[v] = int(a + (high > low ? (v - low) / (high - low) * (sum[high] / n[high] - a) : 0) + .5)
			}
		}
		{ print table[$1 + 0] }
	END
	paste T1w.txt PET.txt | awk -f best.awk - all.txt | cmp - <(numbers table.hmm | tr -d ' ')
	# intensities that never occur are between their neighbours, or as the nearest
	cp "$(golden generator.pgm)" 1.pgm
	{ printf 'P5\n28 20\n255\n'; tail -c 560 1.pgm | LC_ALL=C tr '\000-\377' '\200-\377\000-\177'; } >2.pgm
	{ printf 'P5\n16 16\n255\n'; for ((i = 0; i < 256; i++)); do printf "\\x$(printf %02x $i)"; done; } >all.pgm
	{ as_is --subject a T1w=1.pgm; as_is --subject a PET=2.pgm; } >two.hmm
	rm -rf npy && mkdir npy
	hmm-show --npy npy two.hmm | awk -F'\t' -v OFS='\t' '/^#/ { next } ++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i } n > 1 { $at["split"] = "train" } { print }' |
		hmm-show --from-npy slices --name two >train.hmm
	learn table table.safetensors <train.hmm
	as_is --subject b T1w=all.pgm | impute -w table.safetensors --any-history >made.hmm
	[ "$(tail -c 560 1.pgm | od -An -v -tu1 -w1 | sort -n | head -n 1)" -gt 0 ]
	paste <(tail -c 560 1.pgm | od -An -v -tu1 -w1) <(tail -c 560 2.pgm | od -An -v -tu1 -w1) | awk -f best.awk - ramp.txt | cmp - <(numbers made.hmm | tr -d ' ')
	# slices beyond those that there were get the last one, those between what is below
	renumber() { # FROM TO STREAM
		rm -rf npy && mkdir npy
		hmm-show --npy npy "$3" | awk -F'\t' -v OFS='\t' -v from="$1" -v to="$2" '/^#/ { next }
			++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i } n > 1 && $at["index"] == from { $at["index"] = to } { print }' |
			hmm-show --from-npy slices --name renumbered
	}
	renumber 3 7 slices.hmm >gap.hmm
	renumber 3 5 t1.hmm >some.hmm
	learn mean gap.safetensors <gap.hmm
	[ "$(hmm-show gap.safetensors | grep -c '^mean	U8	(8,1,32,32)')" = 1 ]
	impute -w gap.safetensors --any-history <some.hmm >made.hmm # index 5: as 2
	numbers made.hmm | tr -d ' ' | head -n 4096 >made.txt
	head -n 3072 mean.txt | cmp - <(head -n 3072 made.txt)
	cmp <(sed -n '2049,3072p' mean.txt) <(tail -n 1024 made.txt)
	renumber 3 9 t1.hmm >some.hmm
	impute -w gap.safetensors --any-history <some.hmm >made.hmm # index 9: as 7
	numbers made.hmm | tr -d ' ' | sed -n '3073,4096p' | cmp - <(tail -n 1024 mean.txt)
	renumber 3 4096 slices.hmm >far.hmm
	refuse 1 'a slice of index 4096, want at most 4095 for a mean image' sh -c 'hmm-gan -q --train mean --from T1w --to PET -o x <far.hmm'
	refuse 1 'shape \(1,20,28\), want \(1,32,32\), that of the mean image' sh -c \
		"hmm-slice -q --resize 0 --crop 0 T1w=$(golden generator.pgm) | hmm-gan -q -w mean.safetensors --any-history"
	refuse 1 'mean.safetensors: has no network, want no --size' sh -c 'hmm-gan -w mean.safetensors --size 64 <t1.hmm'
}

@test "hmm-gan: resize is the way to a side and back alone, and marks what went it" {
	study
	control() { hmm-gan -q --train resize --from PET --to PET "$@" <slices.hmm; }
	rows PET | as_is --stamp --manifest - >real.hmm
	control --size 32 -o same.safetensors
	impute -w same.safetensors <real.hmm >made.hmm
	cmp <(pixels made.hmm) <(pixels real.hmm)
	hmm-show made.hmm | awk -F'\t' '/^#/ { next } ++n > 1 { print $3, $NF }' | sort -u | grep -qx "PET $(sha256sum <same.safetensors | cut -d ' ' -f 1)"
	control --size 64 -o wide.safetensors
	impute -w wide.safetensors --to PET <real.hmm >made.hmm
	! cmp -s <(pixels made.hmm) <(pixels real.hmm) || return 1
	paste <(numbers made.hmm) <(numbers real.hmm) | awk '{ d += ($1 - $2) ^ 2 } END { exit !(d / NR < 200) }'
	# no product: no kernels in the history
	impute -w wide.safetensors --show-history | grep -qF '"from=PET to=PET seed=0 size=64"'
	as_is --subject a "PET=$(golden generator.ppm)" | impute -w wide.safetensors --any-history >made.hmm
	[ "$(hmm-show made.hmm | tail -n 1 | cut -f 10)" = '(3,20,28)' ]
	refuse 1 'size: found 32, want 64, its own' sh -c 'hmm-gan -w wide.safetensors --size 32 <real.hmm'
}

@test "hmm-gan: a training whose rate is 0 in every epoch is told in a line" {
	study
	learn pix2pix a.safetensors --epochs-decay 0 <slices.hmm 2>said
	[ "$(cat said)" = 'hmm-gan: warning: the learning rate is 0 in every epoch, so nothing is learned: want more of --epochs or --epochs-decay, or a --learning-rate' ]
	learn pix2pix a.safetensors --epochs 2 --epochs-decay 0 <slices.hmm 2>said
	[ ! -s said ]
	# a method's file says what it was given, and nothing of networks where there is none
	learn_one() { hmm-gan -q --train "$1" --from T1w --to "$2" -o one.safetensors <slices.hmm && hmm-show one.safetensors >said; }
	for method in mean table; do
		learn_one $method PET
		! grep -E '^# .*(ngf|preset|epochs|learning-rate)' said || return 1
	done
	learn_one resize T1w
	! grep -E '^# .*(ngf|epochs|learning-rate)' said || return 1
	learn mean one.safetensors <slices.hmm
	refuse 1 'one.safetensors: has no network, want no --eval' sh -c 'hmm-gan -w one.safetensors --eval <t1.hmm'
}

@test "hmm-gan: without a learning rate a training of another length ends where it began" {
	study
	# nothing is learned: the file is that of the seed alone, the running statistics apart
	learn cyclegan a.safetensors --learning-rate 0 <slices.hmm
	learn cyclegan b.safetensors --learning-rate 0 --epochs 2 <slices.hmm
	cmp <(tensors a.safetensors) <(tensors b.safetensors)
	learn cyclegan c.safetensors <slices.hmm
	! cmp -s <(tensors a.safetensors) <(tensors c.safetensors) || return 1
	# the two sides do not begin alike
	for side in A B; do hmm-weights -q --prefix G_$side. -o $side.safetensors a.safetensors; done
	! cmp -s <(tensors A.safetensors) <(tensors B.safetensors) || return 1
}

@test "hmm-gan: the curve has a line an epoch, with the schedule's rates and finite losses" {
	study
	learn pix2pix gan.safetensors --epochs 3 --epochs-decay 2 --curve curve.tsv <slices.hmm
	[ "$(head -n 1 curve.tsv)" = 'epoch	learning_rate	D_real	D_fake	G_GAN	G_L1' ]
	# below the full rate in the last steady epoch already, 0 in the last of all
	awk 'NR > 1 { print $1, sprintf("%.3g", $2 / 2e-4) }' curve.tsv | diff - <(printf '%s\n' '1 1' '2 1' '3 0.667' '4 0.333' '5 0')
	awk 'NR > 1 { for (i = 3; i <= NF; i++) if (!($i > 0 && $i < 1000)) exit 1 }' curve.tsv
	# an epoch's losses are its own: where nothing is learned they stay what they are
	learn pix2pix gan.safetensors --epochs 3 --learning-rate 0 --curve curve.tsv <slices.hmm
	awk 'NR == 2 { first = $6 } NR > 2 && ($6 > 1.2 * first || $6 < first / 1.2) { exit 1 }' curve.tsv
	# but for what is cut out, and mirrored; where the side is that of the network, the latter alone
	learn pix2pix gan.safetensors --load-size 32 --learning-rate 0 --curve curve.tsv <slices.hmm
	awk 'NR == 2 { first = $6 } NR > 2 && ($6 - first) ^ 2 < 1e-12 * first ^ 2 { exit 1 }' curve.tsv
	learn cyclegan gan.safetensors --curve curve.tsv <slices.hmm
	[ "$(head -n 1 curve.tsv)" = 'epoch	learning_rate	D_A	G_A	cycle_A	idt_A	D_B	G_B	cycle_B	idt_B' ]
	[ "$(wc -l <curve.tsv)" = 3 ]
}

# ---- what is learned from ----

@test "hmm-gan: learns from complete training subjects alone, and says whom it has seen" {
	study
	learn pix2pix gan.safetensors <slices.hmm
	# one training subject less has its PET, and no other's images matter
	first=$(awk -F'\t' '$5 == "train" { print $1; exit }' manifest.tsv)
	awk -F'\t' -v who="$first" '$1 != who || $2 != "PET"' manifest.tsv | as_is --stamp --manifest - >fewer.hmm
	learn pix2pix fewer.safetensors <fewer.hmm
	awk -F'\t' -v who="$first" 'NR == 1 || ($5 == "train" && $1 != who)' manifest.tsv | as_is --stamp --manifest - >others.hmm
	learn pix2pix others.safetensors <others.hmm
	cmp fewer.safetensors others.safetensors
	! cmp -s gan.safetensors others.safetensors || return 1
	[ "$(hmm-show gan.safetensors | grep '^groups	')" != "$(hmm-show others.safetensors | grep '^groups	')" ]
	hmm-show others.safetensors | grep -q '^groups	U8	(3,16)	'
	! hmm-check --trained-on gan.safetensors --no-images manifest.tsv >found || return 1 # other findings
	! grep trained-on found || return 1
	sed 's/	train	/	test	/' manifest.tsv >moved.tsv
	! hmm-check --trained-on gan.safetensors --no-images moved.tsv >found || return 1
	[ "$(grep -c trained-on found)" = 4 ]
}

@test "hmm-gan: nobody to learn from, several images, no partner, imputed ones, other shapes" {
	study
	refuse 1 'want subjects of the split train who have both T1w and CT' sh -c \
		'hmm-gan --train pix2pix --from T1w --to CT --size 32 -o x <slices.hmm'
	refuse 1 'want subjects of the split train who have both' sh -c \
		"sed 's/	train	/	val	/' manifest.tsv | hmm-slice -q --stamp --resize 0 --crop 0 --manifest - | hmm-gan --train table --from T1w --to PET -o x"
	cat slices.hmm slices.hmm >twice.hmm
	refuse 1 'has more than one image of T1w, want one to pair' sh -c 'hmm-gan --train pix2pix --from T1w --to PET --size 32 -o x <twice.hmm'
	learn cyclegan twice.safetensors <twice.hmm # which pairs nothing
	learn mean mean.safetensors <slices.hmm
	impute -w mean.safetensors <t1.hmm >imputed.hmm
	for method in pix2pix cyclegan mean; do
		refuse 1 'its PET is imputed, want real images to learn from' sh -c \
			"cat t1.hmm imputed.hmm | hmm-gan --train $method --from T1w --to PET -o x"
	done
	as_is --resize 24 --stamp --manifest <(rows PET) >small.hmm
	refuse 1 'shape \(1,24,24\), want \(1,32,32\) as in record 1' sh -c 'cat t1.hmm small.hmm | hmm-gan --train pix2pix --from T1w --to PET --size 32 -o x'
	[ ! -e x ]
	# slices that were cut otherwise are no pairs, of any method that pairs
	{ cat t1.hmm && as_is --resize 32 --stamp --manifest <(rows PET); } >axes.hmm
	for method in pix2pix table mean; do
		refuse 1 'PET was made by hmm-slice with resize=32, but the T1w that it is paired with .*resize=0 \(--any-history' sh -c \
			"hmm-gan -q --train $method --from T1w --to PET -o x <axes.hmm"
	done
	learn table axes.safetensors --any-history <axes.hmm
	learn cyclegan axes.safetensors <axes.hmm
	# slices without a partner are counted
	without() { # MODALITY|"" INDEX: the slices but those
		rm -rf npy && mkdir npy
		hmm-show --npy npy slices.hmm | awk -F'\t' -v OFS='\t' -v which="$1" -v index_="$2" '/^#/ { next }
			++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
			n == 1 || (which != "" && $at["modality"] != which) || $at["index"] != index_' | hmm-show --from-npy slices --name some
	}
	without PET 2 >some.hmm
	learn pix2pix some.safetensors <some.hmm 2>said
	grep -qE '^hmm-gan: warning: .*1 slices of T1w and PET have no partner' said
	rm -rf npy && mkdir npy
	hmm-show --npy npy slices.hmm | awk -F'\t' -v OFS='\t' '/^#/ { next }
		++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		n > 1 && $at["modality"] == "PET" { $at["index"] += 4; $at["count"] = 8 } { print }' | hmm-show --from-npy slices --name some >apart.hmm
	hmm-gan -q --train table --from T1w --to PET -o x <apart.hmm 2>said && return 1
	grep -q 'no slices to learn from: of the 4 subjects of the split train who have both T1w and PET none has slices of both with one index' said
	without '' 2 >both.hmm
	learn pix2pix both.safetensors <both.hmm
	cmp some.safetensors both.safetensors # the others have theirs
}

# ---- what is refused ----

@test "hmm-gan: an empty stream, another modality, what is imputed itself, another history" {
	study
	learn pix2pix gan.safetensors <slices.hmm
	as_is --manifest <(sed 1q manifest.tsv) | impute -w gan.safetensors >none.hmm
	[ "$(hmm-show none.hmm | grep -c '^sub-')" = 0 ]
	refuse 1 'empty, want a stream of slices' sh -c 'hmm-gan -w gan.safetensors </dev/null'
	refuse 1 "record 5 .*: modality 'PET', want T1w to make PET of" sh -c 'hmm-gan -w gan.safetensors <slices.hmm'
	impute -w gan.safetensors <t1.hmm >pet.hmm
	rm -rf npy && mkdir npy
	hmm-show --npy npy pet.hmm | grep -v '^#' | sed 's/	PET	/	T1w	/' | hmm-show --from-npy slices --name mine >again.hmm
	refuse 1 'is imputed itself, want a real image' sh -c 'hmm-gan -w gan.safetensors --any-history <again.hmm'
	hmm-slice -q --resize 0 --crop 0 --axis coronal --stamp --manifest t1.tsv >coronal.hmm
	refuse 1 'T1w was made by hmm-slice with axis=coronal, but gan.safetensors was trained on .*axis=axial' sh -c 'hmm-gan -w gan.safetensors <coronal.hmm'
	impute -w gan.safetensors --any-history <coronal.hmm | hmm-show | grep -q 'any-history'
	hmm-weights --random vgg11 --width 0.03 -o vgg.safetensors
	hmm-vgg -q -w vgg.safetensors <t1.hmm >features.hmm
	refuse 1 'found a stream of features, want slices' sh -c 'hmm-gan -w gan.safetensors <features.hmm'
}

@test "hmm-gan: wrong usage" {
	: >x
	local both='--from a --to b -o y'
	while IFS='|' read -r pattern line; do
		refuse 2 "$pattern" hmm-gan $line </dev/null
	done <<-END
		want either -w FILE or --train|
		want either|-w x -o y
		want either|--train pix2pix --from a --to b
		want either|--train pix2pix $both -w x
		two modalities|--train pix2pix --to b -o y
		two modalities|--train pix2pix --from a --to a -o y
		which are the same of resize|--train resize --from a --to b -o y
		two modalities|-w x --to=
		found .a\+b., want one modality|-w x --to a+b
		found .a\+b., want one modality|--train mean --from a+b --to b -o y
		ngf: of no use with --train mean|--train mean $both --ngf 3
		curve: of no use with --train table|--train table $both --curve c
		checkpoint: of no use with --train mean|--train mean $both --checkpoint c --resume
		size: of no use with --train table|--train table $both --size 64
		samples: of no use with --train resize|--train resize --from a --to a -o y --samples c
		lambda: of no use with --train pix2pix|--train pix2pix $both --lambda 3
		pool-size: of no use with --train pix2pix|--train pix2pix $both --pool-size 3
		blocks: of no use with --train pix2pix|--train pix2pix $both --blocks 6
		lambda-l1: of no use with --train cyclegan|--train cyclegan $both --lambda-l1 3
		ngf: goes with --train|-w x --ngf 3
		preset: goes with --train|-w x --preset small
		checkpoint: goes with --train|-w x --checkpoint c --resume
		resume: goes with --train|-w x --resume
		checkpoint-every: want --checkpoint|--train pix2pix $both --checkpoint-every 3
		samples-every: want --samples|--train pix2pix $both --samples-every 3
		no-dropout go with -w|--train mean $both --eval
		no-dropout go with -w|--train mean $both --no-dropout
		show-history goes with -w|--train mean $both --show-history
		resume: want --checkpoint|--train pix2pix $both --resume
		no operands|-w x y
		size: found 31, want 32|--train pix2pix $both --size 31
		multiple of 32|--train pix2pix $both --size 48
		size: found 100000|--train pix2pix $both --size 100000
		ngf: found 0|--train pix2pix $both --ngf 0
		ndf: found 5000|--train pix2pix $both --ndf 5000
		blocks: found 65|--train cyclegan $both --blocks 65
		load-size: found 10|--train cyclegan $both --load-size 10
		want epochs to train|--train cyclegan $both --epochs 0 --epochs-decay 0
	END
	refuse 2 "to: found 'a seed=9', want a modality without" hmm-gan --train mean --from b --to 'a seed=9' -o y </dev/null
	refuse 2 "from: found 'a seed=9', want a modality without" hmm-gan -w x --from 'a seed=9' --show-history
	[ ! -e y ]
}

@test "hmm-gan: a modality with a + is one of a set, and told where it comes in" {
	study
	learn table gan.safetensors <slices.hmm
	hmm-gan -w gan.safetensors --show-history | sed 's/to=PET/to=a+b/' >entry
	refuse 1 'entry: line 1: found options .*, want from=MODALITY to=MODALITY' hmm-manifest --impute entry manifest.tsv
	{ cat entry && echo '{}'; } | sed 's/a+b/PET/' >two
	refuse 1 "two: line 2: found '\{\}', want the entry that hmm-gan --show-history prints" hmm-manifest --impute two manifest.tsv
	refuse 1 "modality 'a\+b' has a '\+', which joins the modalities of a set" hmm-slice a+b="$(golden generator.pgm)" --subject s
	for as in '' a+b; do refuse 1 "as: found '.*', want one modality" hmm-slice --manifest t1.tsv --as "$as"; done
	# every row is looked at before the first image is cut
	{ cat t1.tsv && rows PET | tail -n 1 | sed 's/	PET	/	a+b	/'; } >last.tsv
	refuse 1 "last.tsv: row 7: modality 'a\+b' has a '\+'" hmm-slice --stamp --manifest last.tsv
	hmm-show refused.out >said 2>&1 || true
	grep -q 'failed after record 0' said
	sed -i 's/a+b/PET/' entry
	hmm-manifest -q --impute entry t1.tsv >last.tsv
	refuse 1 'last.tsv: row 7 .*: imputed by .* and no image of its own' hmm-slice --stamp --manifest last.tsv
	hmm-show refused.out >said 2>&1 || true
	grep -q 'failed after record 0' said
	mkdir npy
	hmm-show --npy npy t1.hmm | grep -v '^#' | sed 's/	T1w	/	a+b	/' >table.tsv
	refuse 1 "record 1 .*: modality 'a\+b' has a '\+'" hmm-show --from-npy slices --name mine table.tsv
}

@test "hmm-gan: --core is what OpenBLAS computes with, or there is no answer" {
	study
	learn pix2pix gan.safetensors <slices.hmm
	core=$(hmm-gan -w gan.safetensors --show-history | sed 's/.*core=\([A-Za-z0-9]*\).*/\1/')
	hmm-show gan.safetensors | grep -qx "# core	$core"
	impute -w gan.safetensors --core "$core" <t1.hmm >a.hmm
	impute -w gan.safetensors <t1.hmm | cmp - a.hmm
	refuse 1 "OpenBLAS takes its $core kernels, want Alpha" sh -c 'hmm-gan -w gan.safetensors --core Alpha <t1.hmm'
}

@test "hmm-gan: a processor that OpenBLAS does not know has its better kernels, and a choice stands" {
	study
	learn pix2pix gan.safetensors <slices.hmm
	wanted=${OPENBLAS_CORETYPE-}
	[ -n "$wanted" ] || skip "no processor with AVX2"
	core=$(env -u OPENBLAS_CORETYPE hmm-gan -w gan.safetensors --show-history 2>said)
	[ ! -s said ]
	case $wanted in
	SKYLAKEX) grep -qE 'core=(SkylakeX|Cooperlake|SapphireRapids)"' <<<"$core" ;;
	HASWELL) grep -qE 'core=(Haswell|Zen)"' <<<"$core" ;;
	esac
	OPENBLAS_CORETYPE=PRESCOTT hmm-gan -w gan.safetensors --show-history 2>said | grep -q 'core=Prescott"'
	grep -q 'warning: OpenBLAS takes this processor.* for Prescott and is slower' said
}

# ---- files ----

@test "hmm-gan: generators of the public implementation, as PyTorch and Pillow impute with them" {
	as_is --subject s-1 "T1w=$(golden generator.pgm)" >grey.hmm
	as_is --subject s-1 "T1w=$(golden generator.ppm)" >colours.hmm
	for name in unet unet_in unet_none unet_rgb resnet resnet_drop resnet_rgb; do
		hmm-weights -q -o gan.safetensors "$(golden generator_$name.pth)"
		size=32
		[ $name != unet_rgb ] || size=64
		one() { impute -w gan.safetensors --from T1w --to PET --any-history --size $size -s 7 "$@" >made.hmm && pixels made.hmm; }
		{
			one <grey.hmm
			one --eval <grey.hmm
			case $name in unet_rgb | resnet_drop) one --no-dropout <grey.hmm ;; esac
			case $name in *_rgb) one <colours.hmm ;; esac
		} >have
		# where a float is next to a whole number truncation may tell them apart
		near have "$(golden generator_$name.bin)" 4
	done
	for names in '--from T1w' '--to T1w' '--from T1w --to T1w'; do
		refuse 1 'does not say what it makes of what: want --from and --to, two modalities' sh -c "hmm-gan -w gan.safetensors $names --any-history <grey.hmm"
	done
	refuse 1 'has no history: it does not say what it was trained on' sh -c 'hmm-gan -w gan.safetensors --from T1w --to PET --size 32 <grey.hmm'
}

@test "hmm-gan: what is no generator, or not a whole one, is told in a line" {
	as_is --subject s "T1w=$(golden generator.pgm)" >grey.hmm
	# the header of a .safetensors with other words in it: edit FILE SED-SCRIPT
	edit() {
		local size
		size=$(od -An -tu8 -N8 "$1" | tr -d ' ')
		head -c $((size + 8)) "$1" | tail -c +9 | sed "$2" >header
		{
			printf "$(printf '\\x%02x' $(($(wc -c <header) & 255)) $(($(wc -c <header) >> 8 & 255)) $(($(wc -c <header) >> 16 & 255)) 0 0 0 0 0)"
			cat header
			tail -c +$((size + 9)) "$1"
		} >edited.safetensors
	}
	wrong() { refuse 1 "$1" hmm-gan -w edited.safetensors --from T1w --to PET --any-history --size "${2-32}" <grey.hmm; }
	hmm-weights -q -o gan.safetensors "$(golden generator_unet.pth)"
	edit gan.safetensors 's/x/x/'
	impute -w edited.safetensors --from T1w --to PET --any-history --size 32 <grey.hmm >/dev/null
	edit gan.safetensors 's/"model.model.1.model.2.bias"/"model.model.1.model.2.bios"/'
	wrong "no tensor 'model.model.1.model.2.bias' \(4\)"
	edit gan.safetensors 's/"shape":\[4,2,4,4\]/"shape":[2,4,4,4]/'
	wrong "tensor 'model.model.1.model.1.weight' has shape \(2,4,4,4\), want \(4,2,4,4\)"
	edit gan.safetensors 's/"model.model.0.weight"/"model.model.9.weight"/'
	wrong 'no generator of pix2pix or cycleGAN'
	edit gan.safetensors 's/{/{"model.1.weight":{"dtype":"F32","shape":[99999999999,0,7,7],"data_offsets":[0,0]},/'
	wrong "tensor 'model.1.weight' is none of the generator's"
	edit gan.safetensors 's/"model.model.0.weight":{/"model.model.7.weight":{/; s/{/{"model.model.0.weight":{"dtype":"F32","shape":[99999999999,0,7,7],"data_offsets":[0,0]},/'
	wrong 'first layer has 99999999999 channels, want 1 to 1024'
	edit gan.safetensors "s/\"model.model.0.weight\"/\"$(printf 'x%.0s' {1..9999})\"/"
	wrong 'no generator of pix2pix or cycleGAN'
	hmm-weights -q -o resnet.safetensors "$(golden generator_resnet_drop.pth)"
	edit resnet.safetensors 's/conv_block\.7\./conv_block.6./'
	wrong 'tensor|overlap|no tensor'
	for size in 0 7 100000; do
		edit gan.safetensors 's/x/x/'
		wrong 'want' $size
	done
	# a value that is no number
	edit gan.safetensors 's/x/x/'
	size=$(stat -c %s edited.safetensors)
	{ head -c $((size - 4)) edited.safetensors; printf '\0\0\300\177'; } >nan && mv nan edited.safetensors
	wrong 'not finite'
	# what it says of itself
	for names in '"from":"T1w","to":""' '"from":"","to":"PET"' '"from":"PET","to":"PET"' '"from":"T1w","to":"a+b"'; do
		edit gan.safetensors "s/{/{\"__metadata__\":{$names},/; s/,\"__metadata__\":{[^}]*}//"
		wrong 'want two modalities, which are the same of resize'
	done
	edit gan.safetensors 's/{/{"__metadata__":{"from":"T1w","to":"a seed=9"},/; s/,"__metadata__":{[^}]*}//'
	refuse 1 "to: found 'a seed=9', want a modality without" hmm-gan -w edited.safetensors --any-history --size 32 <grey.hmm
	edit gan.safetensors 's/{/{"__metadata__":{"from":"T1w","to":"PET","size":"64abc"},/; s/,"__metadata__":{[^}]*}//'
	refuse 1 "size '64abc', want a number" hmm-gan -w edited.safetensors --any-history <grey.hmm
	# another program's, and a discriminator
	edit gan.safetensors 's/{/{"__metadata__":{"program":"hmm-rho","generator":"pix2pix"},/; s/,"__metadata__":{[^}]*}//'
	wrong 'not a model of hmm-gan --train'
}

@test "hmm-gan: learns the same bytes from a file, of which it reads slice by slice, as from a pipe" {
	study
	for method in pix2pix cyclegan mean table; do
		pictures=(--samples "$method.png" --checkpoint checkpoint)
		[[ $method == *[xc]* ]] || pictures=()
		learn $method file "${pictures[@]}" <slices.hmm
		for made in "$method.png" checkpoint; do [ ! -e "$made" ] || mv "$made" "$made.file"; done
		cat slices.hmm | learn $method pipe "${pictures[@]}"
		cmp file pipe
		[ ! -e checkpoint ] || { cmp checkpoint checkpoint.file && cmp "$method.png" "$method.png.file"; }
		rm -f checkpoint*
	done
	[ -e cyclegan.png.file ]
	[ ! -e table.png ]
}

# ---- checkpoints ----

long_words() { # METHOD
	echo hmm-gan -q --train "$1" --from T1w --to PET "${tiny[@]}" --epochs 12 --epochs-decay 8
	[ "$1" = pix2pix ] || echo --pool-size 5 --blocks 1
}
long() { $(long_words "$1") "${@:2}"; }

@test "hmm-gan: killed at any time and resumed: the same bytes as an unbroken training" {
	study
	for method in pix2pix cyclegan; do
		rm -f checkpoint
		long $method -o want --curve want.tsv <slices.hmm
		kills=0 patience=0.03
		until timeout -s KILL $patience $(long_words $method) -o have --curve have.tsv \
			--checkpoint checkpoint --checkpoint-every 0 --resume -j 2 <slices.hmm 2>said; do
			[ ! -s said ]
			# a kill between the last rename and the end leaves what is whole
			[ ! -e have ] || cmp have want
			[ ! -e have.tsv ] || cmp have.tsv want.tsv
			kills=$((kills + 1))
			patience=$(awk -v p=$patience 'BEGIN { print p * 1.15 }')
		done
		echo "$method: $kills kills"
		[ $kills -ge 2 ]
		cmp have want
		cmp have.tsv want.tsv
		[ "$(find . -maxdepth 1 -name 'checkpoint*' | wc -l)" = 1 ]
		rm have have.tsv
	done
}

@test "hmm-gan: a checkpoint of another training, or of none, is refused; without one it begins" {
	study
	long pix2pix -o want --checkpoint checkpoint --resume <slices.hmm
	cp checkpoint whole
	# it is all there: nothing is trained any more
	long pix2pix -o have --checkpoint checkpoint --resume <slices.hmm 2>said
	cmp have want
	# without --resume it begins anew, over the old one
	long pix2pix -o have --checkpoint checkpoint --seed 3 <slices.hmm
	! cmp -s checkpoint whole || return 1
	cp whole checkpoint
	# what decides nothing may be another
	long pix2pix -o have --checkpoint checkpoint --resume --preset paper --any-history <slices.hmm
	cmp <(tensors have) <(tensors want)
	rm have
	again() { refuse 1 "$1" long pix2pix -o have --checkpoint checkpoint --resume "${@:2}" <slices.hmm; }
	for option in '--seed 1' '--lambda-l1 50' '--learning-rate 1e-3' '--epochs 4' '--ngf 3' '--ndf 3' '--size 64' '--load-size 40' \
		'--preset small' '--from PET --to T1w'; do
		again 'checkpoint: the checkpoint of another training: .*; this one is ' $option
	done
	refuse 1 'of another training' long cyclegan -o have --checkpoint checkpoint --resume <slices.hmm
	as_is --stamp --axis coronal --manifest <(rows PET) >coronal.hmm
	as_is --stamp --axis coronal --manifest t1.tsv >>coronal.hmm
	refuse 1 'of another training' long pix2pix -o have --checkpoint checkpoint --resume <coronal.hmm
	# files that are none
	cp want checkpoint
	again 'checkpoint: no checkpoint of a training'
	head -c 5000 whole >checkpoint
	again 'checkpoint: '
	echo text >checkpoint
	again 'checkpoint: '
	# what does not fit, behind the right words
	edit() { sed "$1" whole >checkpoint; }
	edit 's/"G_A.m"/"G_A.n"/'
	again 'no tensor G_A.m of [0-9]* values, as a checkpoint of this training has'
	edit 's/"progress"/"prgoress"/'
	again 'no tensor progress'
	# of another size, behind the right words
	long pix2pix -o other --checkpoint checkpoint --ngf 3 <slices.hmm
	sed -i 's/ ngf=3 / ngf=2 /' checkpoint
	again 'no tensor G_A.w of [0-9]* values, as a checkpoint of this training has'
	# progress of no step
	begin=$(head -c 3000 whole | grep -ao '"progress":{[^}]*}' | sed 's/.*offsets":\[\([0-9]*\),.*/\1/')
	at=$(($(od -An -tu8 -N8 whole) + 8 + begin))
	for place in 0 1 2 3; do
		for number in '\0\0\0\0\0\0\370\177' '\234\165\0\210\74\344\67\176' '\0\0\0\0\0\0\360\277' '\0\0\0\0\0\0\340\77'; do
			cp whole checkpoint
			printf "$number" | dd of=checkpoint bs=1 seek=$((at + 8 * place)) conv=notrunc status=none
			again 'checkpoint: a checkpoint of no step of this training'
		done
	done
	# a step too many, Adam's steps, a curve and moments that are no numbers
	for place in 1 2; do
		cp whole checkpoint
		printf '\0\0\0\0\0\0\20\100' | dd of=checkpoint bs=1 seek=$((at + 8 * place)) conv=notrunc status=none # 4
		again 'checkpoint: a checkpoint of no step of this training'
	done
	for name in curve G_A.v; do
		cp whole checkpoint
		begin=$(head -c 3000 whole | grep -ao "\"$name\":{[^}]*}" | sed 's/.*offsets":\[\([0-9]*\),.*/\1/')
		printf '\0\0\300\177\0\0\370\177' | dd of=checkpoint bs=1 seek=$(($(od -An -tu8 -N8 whole) + 8 + begin)) conv=notrunc status=none
		again "checkpoint: tensor $name holds a value that is not finite"
	done
	size=$(hmm-weights whole | awk -F'\t' '$1 == "curve" { print $3 }')
	[ "$size" = '(80)' ]
	! [ -e have ] || return 1
	refuse 2 'resume: want --checkpoint' long pix2pix -o have --resume <slices.hmm
}

@test "hmm-gan: a file that cannot be written, or is another one's, is told before anything is read" {
	mkfifo never
	mkdir folder
	ln -s x link
	exec 9<>never # a pipe with a writer that never writes: who reads first hangs
	early() { refuse 1 "$1" timeout 10 $(long_words pix2pix) "${@:2}" <never; }
	for option in -o --curve --checkpoint --samples; do
		early 'nowhere/x: cannot create: No such file' -o x "$option" nowhere/x
		early 'folder: ' -o x "$option" folder
	done
	for path in never - /dev/null; do
		early "not a regular file, want one for a checkpoint" -o x --checkpoint "$path"
	done
	for pair in curve:checkpoint curve:samples checkpoint:samples; do
		early "y: of the ${pair%:*} and of the ${pair#*:}, want two files" -o x "--${pair%:*}" y "--${pair#*:}" ./y
	done
	: >x
	for option in curve checkpoint samples; do
		early "link: of the model and of the $option, want two files" -o x "--$option" link
	done
	exec 9>&-
	[ ! -s x ]
	[ ! -e y ]
}

@test "hmm-gan: samples are a picture of every N epochs, and change nothing" {
	study
	learn cyclegan want <slices.hmm
	learn cyclegan have --samples samples.png <slices.hmm
	cmp have want
	[ "$(head -c 4 samples.png | tail -c 3)" = PNG ]
	# of two epochs the third is none
	learn cyclegan have --samples none.png --samples-every 3 <slices.hmm
	cmp samples.png none.png # but they are drawn after the last in any case
	rm samples.png
	learn cyclegan have --checkpoint whole <slices.hmm
	learn cyclegan have --checkpoint whole --resume --samples samples.png <slices.hmm
	cmp samples.png none.png
	learn cyclegan have --samples second.png --samples-every 2 <slices.hmm
	cmp samples.png second.png
	learn cyclegan have --samples first.png --epochs 1 --epochs-decay 0 <slices.hmm
	! cmp -s first.png second.png || return 1
	refuse 2 "samples-every: found 0, want 1" sh -c "hmm-gan --train pix2pix --from T1w --to PET -o x --samples s --samples-every 0 <slices.hmm"
}

@test "hmm-gan: the examples of its page run as they stand" {
	study
	cp manifest.tsv all.tsv
	rows T1w >mri.tsv
	rows PET >pet.tsv
	cp "$(find study -name '*T1w.nii.gz' | sort | head -n 1)" sub-01_T1w.nii.gz
	hmm-weights --random vgg11 --width 0.03 -o vgg11.safetensors
	cp "$(golden generator_unet_rgb.pth)" latest_net_G.pth
	cp "$(golden slice.png)" photo.png
	hmm-slice -q --stamp --manifest manifest.tsv 2>/dev/null | hmm-gan -q --train table --from T1w --to PET -o table.safetensors
	awk '/^\.Sh/ { on = /EXAMPLES/ } on && /^\.Bd/ { within = 1; next } /^\.Ed/ { within = 0 } within' "$root/bin/hmm-gan.1" |
		sed 's/\\e$/\\/' >commands
	[ "$(grep -c hmm-gan commands)" = 5 ]
	bash -eo pipefail commands >printed
	[ -s features.hmm ]
	[ -s map.hmm ]
	[ "$(wc -l <curve.tsv)" = 17 ]
	[ "$(grep -c ssim printed)" = 4 ]
	[ "$(hmm-show map.hmm | tail -n 1 | cut -f 3)" = map ]
}
