load helper
bats_require_minimum_version 1.5.0

# Twenty subjects, some with one modality alone; of the others half of the PETs go missing.
study() {
	pet=trc-18FFDG_pet
	hmm-phantom -o study --subjects 20 --size 16 --slices 3 --missing 0.2 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --bids study --label diagnosis --positive AD >manifest.tsv
	printf '%s\n' 'scenario|drop|system|model|impute|gan' "half|*pet:0.5|HyperMM|hypermm|-|-" \
		"half|*pet:0.5|pix2pix + Multi-CNN|multi-cnn|pix2pix:T1w>$pet|-" \
		"half|*pet:0.5|pix2pix + HyperMM|hypermm|pix2pix:T1w>$pet|-" \
		"half|*pet:0.5|cycleGAN + Multi-CNN|multi-cnn|cyclegan:T1w>$pet,$pet>T1w|--blocks 1" \
		"half|*pet:0.5|Real, resized + Multi-CNN|multi-cnn|resize:$pet>$pet|-" | tr '|' '\t' >systems
}

# table on it, in one repeat, with a generator of 2 channels: experiment DIR [OPTION]...
experiment() {
	local epochs='--epochs 1'
	table -w vgg.safetensors -o "$1" -c cache --systems systems --repeats 1 --slice '--resize 32 --crop 32' \
		--condition "$epochs" --rho "$epochs" --joint "$epochs" \
		--gan '--size 32 --ngf 2 --ndf 2 --epochs 1 --epochs-decay 0' "${@:2}" manifest.tsv
}
# The folder of the imputation by METHOD, and of SYSTEM's cells.
by() { echo out/imputed/half-*/"$1"-*; }
cells() { awk -F'\t' -v name="$1" '$3 == name { print "out/" $5 }' out/systems.tsv; }
made() { find out/cells out/imputed -name predictions.tsv -o -name generators -o -name '[0-9].tsv' | xargs ls -l --time-style=+%s.%N | sort; }
# Rows of a manifest as SUBJECT MODALITY PATH, those with a generator alone, or those without.
imputed() { awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "imputed") at = i; next } $at != "n/a" { print $1, $2, $6 }' "$1" | sort; }
real() { awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "imputed") at = i; next } !at || $at == "n/a" { print $1, $2, $6 }' "$1" | sort; }
of() { awk -F'\t' -v modality="$2" '$2 == modality { print $1 }' "$1" | sort; }

@test "impute: whoever lacks a modality gets it, in every split, of training patients' generators" {
	study
	printf '#!/bin/sh\necho "$2" >>"%s/ran"\nexec "$@"\n' "$PWD" >prefix
	chmod +x prefix
	RUN=$PWD/prefix experiment out --no-figures
	[ "$(sort ran | uniq -c | awk '{ print $1, $2 }' | xargs)" = '5 cell 3 generators' ]
	dropped=$(echo out/cells/half-*/1.tsv)
	# one training each, shared by systems that want the same
	[ "$(find out/imputed -name generators | wc -l)" = 3 ]
	[ "$(find out/imputed -name '*.safetensors' | wc -l)" = 3 ]
	comm -23 <(of "$dropped" T1w) <(of "$dropped" "$pet") >lack
	completed=$(by pix2pix)/1.tsv
	imputed "$completed" | cut -d ' ' -f 1 | diff lack -
	! imputed "$completed" | grep -v "$pet .*T1w.nii" || return 1
	[ "$(awk -F'\t' '/T1w/ && $2 ~ /pet$/ { print $5 }' "$completed" | sort -u | wc -l)" = 3 ]
	real "$completed" | diff - <(real "$dropped")
	# both ways, of one file
	imputed "$(by cyclegan)/1.tsv" | grep -c ' T1w .*pet.nii' | grep -qx "$(comm -13 <(of "$dropped" T1w) <(of "$dropped" "$pet") | wc -l)"
	# seen are complete training patients, and nobody else
	for file in "$(by pix2pix)/1/0.safetensors" "$(by cyclegan)/1/0.safetensors"; do
		groups=$(hmm-show "$file" | awk -F'\t' '$1 == "groups" { print $3 }')
		awk -F'\t' '$5 == "train"' "$dropped" >train.tsv
		[ "$groups" = "($(comm -12 <(of train.tsv T1w) <(of train.tsv "$pet") | wc -l),16)" ]
		! hmm-check -q --no-images --trained-on "$file" "$completed" | grep -i seen || return 1
	done
	# the control: the images themselves that were dropped
	imputed "$(by resize)/1.tsv" | diff - <(comm -13 <(real "$dropped") <(real out/features.tsv))
	# who has no source gets no answer, and n says so
	answers() { awk -F'\t' -v name="$1" '$2 == name && $3 == "auc" { print $9 }' out/table.tsv; }
	tested() { awk -F'\t' '$5 == "test"' "$1" | cut -f 1 | sort -u; }
	comm -12 <(of "$completed" T1w) <(tested "$completed") | wc -l | grep -qx "$(answers 'pix2pix + Multi-CNN')"
	tested "$dropped" | wc -l | grep -qx "$(answers 'pix2pix + HyperMM')"
	[ "$(answers 'pix2pix + Multi-CNN')" -lt "$(answers 'cycleGAN + Multi-CNN')" ]
	# the generators' time is in the table
	awk 'FNR == 1 && NR != FNR { sum += $1 } NR == FNR && FNR == 2 { want = $1 } END { exit !(sum - want < .05 && want - sum < .05) }' \
		"$(cells 'pix2pix + Multi-CNN')/seconds.tsv" "$(cells 'pix2pix + Multi-CNN')/1/seconds" "$(by pix2pix)/1/seconds"
}

@test "impute: what is out of date is made again, and nothing else" {
	study
	experiment out --no-figures
	made >before
	run experiment out --no-figures
	[ "$status" = 0 ]
	[[ "$output" == *"Nothing to be done"* ]]
	made | cmp - before
	# features that the cache lost are computed again, no generator and no cell is
	find cache -name '*.hmm' | sort >entries
	find cache -name '*.hmm' -delete
	experiment out --no-figures
	find cache -name '*.hmm' | sort | diff entries -
	made | cmp - before
	# an option of one imputation
	old=$(by cyclegan)
	sed -i 's/--blocks 1/--blocks 2/' systems
	experiment out --no-figures
	made | diff before - | grep '^[<>]' | grep -v -e cyclegan -e cycleGAN && return 1
	[ "$(made | diff before - | grep -c '^> .*generators$')" = 1 ]
	# of all of them; systems that impute nothing stay
	made >before
	experiment out --no-figures --gan '--ngf 3' -j 1
	comm -12 before <(made) | grep -v "$old" >same
	[ "$(wc -l <same)" = 2 ]
	grep -q HyperMM- same
	# the same bytes, whatever the number of jobs
	rm -r cache
	experiment other --no-figures --gan '--ngf 3' -j 2
	cut -f 1-13 out/table.tsv | cmp - <(cut -f 1-13 other/table.tsv)
}

@test "impute: a training that was killed goes on from its checkpoint" {
	study
	sed -i -n '1p; 3p' systems
	experiment out --no-figures --gan '--epochs 40'
	real=$(dirname "$(command -v hmm-gan)")
	mkdir killer
	ln -s "$real"/hmm-* killer
	rm killer/hmm-gan
	cat >killer/hmm-gan <<-END
		#!/bin/bash
		if [[ "\$*" == *--checkpoint* ]] && mkdir '$PWD/once'; then
			'$real/hmm-gan' "\$@" <&0 &
			while [ ! -e imputed/*/*/1/0.checkpoint ]; do sleep .01; done
			kill -9 \$!
			exit 1
		fi
		exec '$real/hmm-gan' "\$@"
	END
	chmod +x killer/hmm-gan
	! HMM_BIN=$PWD/killer experiment killed --no-figures --gan '--epochs 40' || return 1
	[ -e killed/imputed/*/*/1/0.checkpoint ]
	[ ! -e killed/imputed/*/*/1/0.safetensors ]
	experiment killed --no-figures --gan '--epochs 40'
	cmp out/imputed/*/*/1/0.safetensors killed/imputed/*/*/1/0.safetensors
	grep -q 'goes on from epoch' killed/imputed/*/*/1/0.log
	[ ! -e killed/imputed/*/*/1/0.checkpoint ]
}

@test "impute: how alike images are, over all test subjects who have both, beside the baselines" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	study
	two=$(hmm-split -q --ratio 6:1:3 -s 1 --repeat 1 manifest.tsv | awk -F'\t' '
		$5 == "test" && ++n[$1] == 2 { print $1 }' | head -n 2 | paste -sd,)
	experiment out --subjects "$two" --slices 0,2
	# by hand: test subjects before anything was dropped
	awk -F'\t' 'NR == 1 || $5 == "test"' out/splits/1.tsv >test.tsv
	comm -12 <(of test.tsv T1w) <(of test.tsv "$pet") >both
	for modality in T1w "$pet"; do
		awk -F'\t' -v m="$modality" 'FILENAME == "both" { is[$1] = 1; next } FNR == 1 || (is[$1] && $2 == m)' both test.tsv >rows.tsv
		hmm-slice -q --resize 32 --crop 32 --stamp --manifest rows.tsv >"$modality.hmm"
	done
	hmm-gan -q -w "$(by pix2pix)/1/0.safetensors" --to "$pet" <T1w.hmm >made.hmm
	hmm-similarity -q -r "$pet.hmm" --inside T1w.hmm <made.hmm |
		sed 1d | diff - <(awk -F'\t' '$3 == "pix2pix"' out/similarity.tsv | cut -f 5-)
	[ "$(awk -F'\t' '$3 == "pix2pix" && $7 == "ssim" { print $1, $2, $4, $10 }' out/similarity.tsv)" = "half 1 T1w $(wc -l <both)" ]
	# real MRI, real PET, imputed PET of two subjects
	cat T1w.hmm "$pet.hmm" made.hmm | hmm-show -q --png sheet.png --subjects "$two" --slices 0,2
	cmp sheet.png out/figures/imputed-pix2pix.png
	[ -s out/figures/imputed-cyclegan.png ]
	[ -s out/figures/imputed-resize.png ]
	# once each, of each direction
	awk -F'\t' '$7 == "psnr_inside" { print $3, $4 }' out/similarity.tsv | sort | tr '\n' ' ' | grep -qx \
		"cyclegan T1w cyclegan $pet mean T1w mean $pet pix2pix T1w resize $pet table T1w table $pet "
}

@test "impute: sheets that cannot be drawn, and options that generators do not take, are told first" {
	study
	hmm-split -q --ratio 6:1:3 -s 1 --repeat 1 manifest.tsv >split.tsv
	trained=$(awk -F'\t' '$5 == "train" { print $1; exit }' split.tsv)
	for who in sub-none "$trained"; do
		refuse 2 "^table: --subjects: found '$who', want subjects in the test split of run 1 who have all of T1w, $pet" experiment out --subjects "$who"
	done
	for slices in 0,x -1 0, 1,,2; do
		refuse 2 "^table: --slices: found '$slices', want numbers from 0" experiment out --slices "$slices"
	done
	refuse 2 '^table: --slices: found 3, want numbers below 3' experiment out --slices 0,3
	# nothing was made of them
	[ ! -e cache ]
	[ ! -e out/features.tsv ]
	[ ! -e out/setting/names ]
	cp systems all
	head -n 2 all >systems
	refuse 2 '^table: --subjects and --slices are of imputed images' experiment out --slices 0
	cp all systems
	refuse 2 '^table: systems: cyclegan:T1w>.*: hmm-gan: --lambda-l1: of no use' experiment out --gan '--lambda-l1 3'
	for words in '--train mean' '--tra=mean' '--checkpoint zz' '-o x' -ox -qo '-w x' '--from T1w'; do
		refuse 2 "^table: --gan: found '${words%%[ ]*}', which table gives hmm-gan itself" experiment out --gan "$words"
	done
	refuse 2 "^table: --joint: found '--model', which table gives hmm-joint itself" experiment out --joint '--model cnn'
	sed -i 's/--blocks 1/--blocks 1 --to=x/' systems
	refuse 1 "^table: systems, row 5: gan: found '--to=x', which table gives" experiment out
}

@test "impute: a sheet is drawn with the options of its own row, wherever that stands" {
	study
	hmm-split -q --ratio 6:1:3 -s 1 --repeat 1 manifest.tsv | awk -F'\t' 'NR == 1 || $5 == "test"' >test.tsv
	who=$(comm -12 <(of test.tsv T1w) <(of test.tsv "$pet") | head -n 1)
	row() { printf '%s\n' "half|*pet:0.5|$1|multi-cnn|$2:T1w>$pet|$3" | tr '|' '\t'; }
	for order in 1 2; do
		{
			head -n 1 systems
			if [ $order = 1 ]; then row A pix2pix --eval; row B mean -; row C pix2pix -; else row B mean -; row A pix2pix --eval; row C pix2pix -; fi
		} >"systems$order"
	done
	for order in 1 2; do
		cp "systems$order" systems
		experiment "out$order" --subjects "$who"
	done
	for modality in T1w "$pet"; do
		awk -F'\t' -v who="$who" -v m="$modality" 'NR == 1 || ($1 == who && $2 == m)' test.tsv >rows.tsv
		hmm-slice -q --resize 32 --crop 32 --stamp --manifest rows.tsv >"$modality.hmm"
	done
	cmp out1/figures/imputed-pix2pix.png out2/figures/imputed-pix2pix.png
	hmm-gan -q -w out1/imputed/half-*/pix2pix*eval*/1/0.safetensors --eval <T1w.hmm >made.hmm
	cat T1w.hmm "$pet.hmm" made.hmm | hmm-show -q --png sheet.png --subjects "$who" --slices 1
	cmp sheet.png out1/figures/imputed-pix2pix.png
}

@test "impute: what a row cannot want" {
	study
	cp systems good
	row() { head -n 1 good && printf '%s\n' 'half|*pet:0.5|HyperMM|hypermm|-|-' "$@" | tr '|' '\t'; }
	for text in pix2pix 'pix2pix:T1w' 'pixels:T1w>PET' 'pix2pix:T1w>' 'pix2pix:T1w>PET,' 'pix2pix:T1w>P ET' 'mean:>T1w'; do
		row "half|*pet:0.5|A|multi-cnn|$text|-" >systems
		refuse 1 '^table: systems, row 3: impute: found .*, want METHOD:FROM>TO,' experiment out
	done
	row "half|*pet:0.5|A|multi-cnn|-|--ngf 2" >systems
	refuse 1 'row 3: gan: nothing to impute' experiment out
	row "all|-|A|multi-cnn|resize:$pet>$pet|-" >systems
	refuse 1 'row 3: resize: nothing is dropped' experiment out
	row "half|*pet:0.5|A|multi-cnn|pix2pix:T1w>CT|-" >systems
	run experiment out --no-figures
	[ "$status" = 1 ]
	[[ "$output" == *"want subjects of the split train who have both T1w and CT"* ]]
	refuse 2 '^table: --gan: found .*--help' experiment out --gan --help
}

@test "impute: the control is Pillow's way to a size and back, and only of a modality itself" {
	study
	hmm-split -q --ratio 6:1:3 -s 1 manifest.tsv >split.tsv
	hmm-slice -q --resize 32 --crop 32 --stamp --manifest split.tsv >slices.hmm
	awk -F'\t' 'NR == 1 || $2 == "T1w"' split.tsv >t1.tsv
	hmm-slice -q --resize 32 --crop 32 --stamp --manifest t1.tsv >t1.hmm
	refuse 2 'two modalities, which are the same of resize' hmm-gan --train resize --from T1w --to "$pet" -o no <slices.hmm
	refuse 2 'two modalities' hmm-gan --train table --from T1w --to T1w -o no <slices.hmm
	for size in 32 64; do
		hmm-gan -q --train resize --size $size --from T1w --to T1w -o $size.safetensors <slices.hmm
		hmm-gan -q -w $size.safetensors --to T1w <t1.hmm >$size.hmm
	done
	l1() { hmm-similarity -q -r t1.hmm <"$1" | awk -F'\t' '$3 == "l1" { print $4 }'; }
	[ "$(l1 32.hmm)" = 0 ]
	[ "$(l1 64.hmm)" != 0 ]
	[ "$(hmm-show 32.hmm | grep -c "$(hmm-gan -w 32.safetensors --show-history | sed 's/.*weights":"//; s/".*//')")" -gt 20 ]
	refuse 1 '^hmm-gan: 32.safetensors: --size: found 64, want 32' hmm-gan -w 32.safetensors --size 64 <t1.hmm
}

@test "impute: names are data" {
	study
	mkdir "it's \"\$(touch pwned)\" a%d"
	mv study vgg.safetensors manifest.tsv systems it*
	cd it*
	sed -i '2,$s/^half/$(touch pwned); `x` '"'"'%s/' systems
	experiment 'o u $t' --no-figures
	[ "$(sed 1d 'o u $t/table.tsv' | cut -f 1 | sort -u)" = '$(touch pwned); `x` '"'"'%s' ]
	[ -z "$(find .. -name pwned)" ]
}
