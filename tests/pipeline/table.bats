load helper
bats_require_minimum_version 1.5.0

# Twenty subjects with MRI and PET, and three rows of two systems.
study() {
	hmm-phantom -o study --subjects 20 --size 16 --slices 3 --missing 0 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --bids study --label diagnosis --positive AD >manifest.tsv
	printf '%s\n' 'scenario|drop|system|model' 'complete|-|Uni-CNN MRI|uni-cnn:T1w' 'complete|-|HyperMM|hypermm' \
		'100 % MRI + 50 % PET|*pet:0.5|HyperMM|hypermm' | tr '|' '\t' >systems
}

# table on it, with two epochs and two repeats: experiment DIR [OPTION]...
experiment() {
	local epochs='--epochs 2'
	table -w vgg.safetensors -o "$1" -c cache --systems systems --repeats 2 --published 1 --note 'Data: phantoms.' \
		--no-figures --condition "$epochs" --rho "$epochs" --joint "$epochs" "${@:2}" manifest.tsv
}

# The folder of SCENARIO, or of SCENARIO SYSTEM, in out: both as the table of systems has them.
at() {
	awk -F'\t' -v scenario="$1" -v name="${2-}" '
		$1 == scenario && (name == "" || $3 == name) { if (name == "") sub(/\/[^\/]*$/, "", $5); print "out/" $5; exit }' out/systems.tsv
}

# When each cell was made, a line a cell.
made() {
	find out/cells -name predictions.tsv -printf '%P %i %T@\n' | sort
}

@test "table: a row a system and metric, and the paper's beside them" {
	study
	experiment out
	[ "$(wc -l <out/table.tsv)" = 19 ]
	cut -f 1,2 out/table.tsv | sed 1d | uniq | diff - <(tail -n +2 systems | cut -f 1,3)
	[ "$(awk -F'\t' '$3 == "acc" { print $14 " " $15 }' out/table.tsv | tr '\n' ' ')" = '0.71 0.02 0.74 0.02 0.67 0.02 ' ]
	# mean and SD are those of the runs
	for run in 1 2; do
		hmm-score --split test --bootstrap 0 "$(at complete HyperMM)/$run/predictions.tsv" | awk -F'\t' '$2 == "auc" { print $3 }'
	done | awk '{ v[NR] = $1 } END { m = (v[1] + v[2]) / 2; printf "%.4f\t%.4f\n", m, sqrt((v[1] - m) ^ 2 + (v[2] - m) ^ 2) }' \
		| diff - <(awk -F'\t' '$1 == "complete" && $2 == "HyperMM" && $3 == "auc"' out/table.tsv | cut -f 4,5)
	# the difference is HyperMM's value less the other's
	[ "$(awk -F'\t' '$1 == "complete" && $3 == "acc" { v[$2] = $4; d[$2] = $10 }
		END { x = v["HyperMM"] - v["Uni-CNN MRI"] - d["Uni-CNN MRI"]; print (x < .0002 && x > -.0002) }' out/table.tsv)" = 1 ]
	[ "$(head -n 1 out/table.md)" = 'Data: phantoms.' ]
	grep -q '^| 100 % MRI + 50 % PET | pix2pix + Multi-CNN | ours | not run ' out/table.md
	grep -q '^100 \\% MRI + 50 \\% PET & HyperMM & ours & ' out/table.tex
	grep -q '< 1 h' out/table.md

	# half of the PET is gone, in training and in test
	complete=$(at complete) half=$(at '100 % MRI + 50 % PET')
	for run in 1 2; do
		diff <(awk -F'\t' '$2 == "T1w" && $5 == "test"' "$complete/$run.tsv") \
			<(awk -F'\t' '$2 == "T1w" && $5 == "test"' "$half/$run.tsv")
		for split in train test; do
			all=$(awk -F'\t' -v s=$split '$2 ~ /pet$/ && $5 == s' "$complete/$run.tsv" | wc -l)
			left=$(awk -F'\t' -v s=$split '$2 ~ /pet$/ && $5 == s' "$half/$run.tsv" | wc -l)
			[ "$left" = $((all / 2)) ]
		done
	done
	run cmp "$complete/1.tsv" "$complete/2.tsv"
	[ "$status" = 1 ]
}

@test "table: the same bytes again, whatever the number of jobs" {
	study
	experiment one -j 1
	experiment two -j 2
	cmp one/table.tsv two/table.tsv
}

@test "table: what is out of date is made again, and nothing else" {
	study
	experiment out
	cp out/table.tsv before.tsv
	made >before
	for again in 1 2; do
		run experiment out
		[ "$status" = 0 ]
		[[ "$output" == *"Nothing to be done"* ]]
	done
	made | cmp - before
	# a cell that is missing
	rm -r "$(at complete HyperMM)/2"
	experiment out
	[ "$(diff before <(made) | grep '^>' | cut -d ' ' -f 2)" = "$(cd out/cells && echo complete-*/HyperMM-*/2/predictions.tsv)" ]
	cmp before.tsv out/table.tsv
	made >before
	# an option of one system, first seen by --dry-run
	sed -i '1s/$/\trho/; 2,$s/$/\t-/; $s/-$/--epochs 1/' systems
	experiment out --dry-run >todo
	[ "$(grep -c ' cell ' todo)" = 2 ]
	[ "$(grep -c 'cell 100-MRI-50-PET-[0-9a-f]*/HyperMM-[0-9a-f]*/[12] </dev/null$' todo)" = 2 ]
	made | cmp - before
	experiment out
	[ "$(diff before <(made) | grep '^>' | cut -d ' ' -f 2)" = "$(cd out/cells && printf '%s\n' 100-MRI-*/HyperMM-*/[12]/predictions.tsv)" ]
	[ "$(wc -l <"$(at '100 % MRI + 50 % PET' HyperMM)/1/rho.tsv")" = 2 ]
	differ before.tsv out/table.tsv
	diff <(grep '^complete' before.tsv) <(grep '^complete' out/table.tsv)
	made >before
	# a text beside the table, and the same options in other words
	experiment out --note 'Data: others.' -j 1
	[ "$(head -n 1 out/table.md)" = 'Data: others.' ]
	made | cmp - before
	# features that the cache lost are computed again, no cell is
	find cache -name '*.hmm' -delete
	experiment out --note 'Data: others.'
	[ "$(find cache -name '*.hmm' | wc -l)" = 40 ]
	made | cmp - before
	# an image that changed under its name
	gzip -dc study/sub-001/anat/*.nii.gz | gzip -1 >other.nii.gz
	mv other.nii.gz study/sub-001/anat/*.nii.gz
	experiment out --note 'Data: others.'
	[ "$(comm -12 before <(made) | wc -l)" = 0 ]
	made >before
	# other splits are another experiment
	experiment out --ratio 1:1:1
	[ "$(comm -12 before <(made) | wc -l)" = 0 ]
}

@test "table: a cache below another is read, from wherever it is called" {
	study
	sed -i 2q systems # one cell a run
	experiment out
	mv cache shared
	below=$(find shared -printf '%p %i %T@\n' | sort)
	for at in 'its own' $'a\nline'; do
		experiment below -c "$at" -c ./shared # behind -c cache, which is made where something is missing
		cmp out/table.tsv below/table.tsv
		[ ! -e cache ]
		[ ! -e "$at" ]
		rm -r below
	done || return 1
	[ "$below" = "$(find shared -printf '%p %i %T@\n' | sort)" ]
}

@test "table: a leak stops it, unless told not to look" {
	study
	# the MRI of a patient is that of another one as well, whose label differs
	cp "$(awk -F'\t' '$2 == "T1w" && $3 == 0 { print $6; exit }' manifest.tsv)" \
		"$(awk -F'\t' '$2 == "T1w" && $3 == 1 { print $6; exit }' manifest.tsv)"
	run experiment out --dry-run
	[ "$status" = 1 ]
	[[ "$output" == *"not clean"*"twin-labels"* ]]
	[ ! -e out/features.tsv ]
	run experiment out --dry-run --no-check
	[ "$status" = 0 ]
}

@test "table: a cell that fails is named in its own words; -k makes the others" {
	study
	sed -i 's/uni-cnn:T1w/uni-cnn:T2w/' systems
	run experiment out -k
	[ "$status" = 1 ]
	[[ "$output" == *"table: cells/complete-"*"/Uni-CNN-MRI-"*"T2w"*"what is made stays"* ]]
	[ ! -e out/table.tsv ]
	[ ! -e "$(at complete 'Uni-CNN MRI')/1/predictions.tsv" ]
	[ "$(made | wc -l)" = 4 ]
	[ -z "$(find out/cells -name '.new.*')" ]
	# without it the first stops what has not begun
	run experiment stop -j 1
	[ "$status" = 1 ]
	[ "$(find stop/cells -name predictions.tsv | wc -l)" = 0 ]
}

@test "table: -k makes it of the images that can be read, says so, and does nothing twice" {
	study
	mapfile -t images < <(awk -F'\t' '$2 == "T1w" { print $6 }' manifest.tsv | head -n 2)
	for image in "${images[@]}"; do cp "$image" "${image##*/}"; done
	rm "${images[0]}"
	head -c 500 "${images[1]##*/}" >"${images[1]}"
	run experiment out
	[ "$status" = 1 ]
	[ ! -e out/table.tsv ]
	for again in 1 2; do
		run experiment out -k
		[ "$status" = 1 ]
		[[ "${lines[-1]}" == 'table: only 38 of 40 images have features: the table is of those' ]]
		for image in "${images[@]}"; do [[ "$output" == *"$image"* ]]; done
		[ "$(wc -l <out/table.tsv)" = 19 ]
		[ $again = 2 ] || made >before
	done
	made | cmp - before
	# the splits are those that were audited
	for run in 1 2; do
		diff <(cut -f 1,2,5 "$(at complete)/$run.tsv") \
			<(grep -vF -e "${images[0]}" -e "${images[1]}" "out/splits/$run.tsv" | cut -f 1,2,5)
	done
	# without it nothing is made of them
	run experiment out
	[ "$status" = 1 ]
	for image in "${images[@]}"; do cp "${image##*/}" "$image"; done
	experiment out
	[ "$(wc -l <out/features.tsv)" = 41 ]
	[ "$(comm -12 before <(made) | wc -l)" = 0 ]
}

@test "table: one that fails leaves no table of other settings" {
	study
	sed -i '1s/$/\tjoint/; 2,$s/$/\t-/' systems
	experiment out
	[ "$(ls out/table.* | wc -l)" = 3 ]
	cp -r out before
	made >cells
	# an option that is none
	refuse_table() { ! experiment out "$@" 2>said || return 1; [ -z "$(ls out/table.* 2>/dev/null)" ]; }
	sed -i '2s/-$/--no-such-option/' systems
	refuse_table
	[ ! -e "$(at complete 'Uni-CNN MRI')/scores.tsv" ]
	[ ! -e "$(at complete HyperMM)/../tests.tsv" ]
	# a table of systems that is none, a manifest that has no such images
	sed -i '2s/--no-such-option$/-/' systems
	experiment out
	diff -r -x '*.log' -x seconds -x seconds.tsv -x 'table.*' before out
	sed -i '1s/model/mode/' systems
	refuse_table
	grep -q "systems, no program 'mode'" said
	sed -i '1s/mode/model/' systems
	experiment out
	cp manifest.tsv kept
	sed -i '2s/T1w.nii/absent.nii/' manifest.tsv
	refuse_table
	grep -q 'absent.nii.gz: cannot open' said
	# back again, the cells are those that were made
	cp kept manifest.tsv
	experiment out
	[ "$(cut -f 1-4 out/table.tsv | sha256sum)" = "$(cut -f 1-4 before/table.tsv | sha256sum)" ]
}

@test "table: options of one system, and a table of the validation split" {
	study
	printf '%s\n' 'scenario|drop|system|model|rho|condition' 'complete|-|HyperMM|hypermm|-|' \
		'complete|-|HyperMM, one epoch|hypermm|--epochs 1|--init pytorch' | tr '|' '\t' >systems
	experiment out --split val
	ours=$(at complete HyperMM) theirs=$(at complete 'HyperMM, one epoch')
	[ "$(wc -l <"$ours/1/rho.tsv")" = 3 ]
	[ "$(wc -l <"$theirs/1/rho.tsv")" = 2 ]
	differ "$ours/1/phi.tsv" "$theirs/1/phi.tsv"
	val=$(awk -F'\t' '$3 == "val"' "$ours"/?/predictions.tsv | wc -l)
	[ "$(awk -F'\t' '$2 == "HyperMM" && $3 == "auc" { print $9 }' out/table.tsv)" = "$val" ]
	cp systems good
	sed -i '1s/rho/phi/' systems
	refuse 1 "no program 'phi'" experiment out --split val
	(cat good && tail -n 1 good) >systems
	refuse 1 "row 4: 'HyperMM, one epoch' in 'complete' stands twice" experiment out --split val
	sed '3s/-/T1w:0.5/' good >systems
	refuse 1 "row 3: 'complete' has two manifests" experiment out --split val
	sed '3s/\t[^\t]*$//' good >systems
	refuse 1 'systems: line 3: 5 columns, want 6' experiment out --split val
	# a reference that nobody is would leave the table without a test
	cp good systems
	refuse 1 "^table: --reference: no scenario has a system 'HyperMN'" experiment out --split val --reference HyperMN
	experiment out --split val --reference 'HyperMM, one epoch'
	[ "$(awk -F'\t' '$2 == "HyperMM" && $3 == "auc" { print ($12 != "n/a") }' out/table.tsv)" = 1 ]
	grep -q 'HyperMM, one epoch' out/table.md
	head -n 1 good >systems
	refuse 1 'no row' experiment out --split val
}

@test "table: a metric that is n/a is drawn as such" {
	command -v gnuplot >/dev/null || skip "no gnuplot"
	study
	# who has a PET is healthy: of the PET alone one class is left in the test
	hmm-drop --modality '*pet' --rate 1 --label 1 manifest.tsv >healthy.tsv
	printf '%s\n' 'scenario|drop|system|model' 'complete|-|Uni-CNN PET|uni-cnn:trc-18FFDG_pet' \
		'complete|-|HyperMM|hypermm' | tr '|' '\t' >systems
	table -w vgg.safetensors -o out -c cache --systems systems --repeats 1 --no-check --condition '--epochs 1' \
		--rho '--epochs 1' --joint '--epochs 1' healthy.tsv
	[ "$(awk -F'\t' '$2 == "Uni-CNN PET" && $3 == "auc" { print $4, $5, $6, $10 }' out/table.tsv)" = 'n/a n/a n/a n/a' ]
	grep -q '^| complete | Uni-CNN PET | ours | [0-9.]* \[[^|]* | n/a | ' out/table.md
	grep -q '>n/a<' out/table.svg
	grep -q '>Uni-CNN PET (n/a)<' out/figures/complete-*-roc.svg
	[ -s out/table.png ]
}

@test "table: given manifests are found from where it is called, not from its output" {
	study
	extract -w vgg.safetensors -c cache manifest.tsv | hmm-split --ratio 6:1:3 -s 1 - >features.tsv
	mkdir -p 'given\\n a' there
	cp features.tsv 'given\\n a/1.tsv'
	given() { # FOLDER, as a cell
		printf 'scenario\tsystem\tmodel\tmanifests\ncomplete\tHyperMM\thypermm\t%s\n' "$1" >systems
		table -o "$2" -c cache --systems systems --no-figures --condition '--epochs 1' --rho '--epochs 1' "${@:3}"
	}
	given 'given\\\\n a' there/out
	cmp features.tsv there/out/cells/complete-*/1.tsv
	given "$PWD/given"'\\\\n a' there/absolute --dry-run >todo
	refuse 1 "^table: systems, row 2: no 1.tsv in '$PWD/elsewhere'" given elsewhere there/none
}

@test "table: a prefix of each cell's command, which leaves standard input to who calls" {
	study
	printf '#!/bin/sh\necho "$*" >>"%s/ran"\ncat >/dev/null\nshift\nexec "$@"\n' "$PWD" >prefix
	chmod +x prefix
	printf 'one\ntwo\n' | while read -r line; do
		echo "$line" >>lines
		RUN="$PWD/prefix -n1" experiment out --repeats 1
	done
	[ "$(wc -l <lines)" = 2 ]
	[ "$(wc -l <ran)" = 3 ]
	[ "$(grep -c '^-n1 .*/step cell .*/1$' ran)" = 3 ]
	experiment plain --repeats 1
	for cell in $(cd plain && find cells -name predictions.tsv); do cmp "out/$cell" "plain/$cell"; done
	# a prefix that fails is a cell that does
	run env RUN=false table -w vgg.safetensors -o none -c cache --systems systems --no-figures manifest.tsv
	[ "$status" = 1 ]
	[ -z "$(find none -name predictions.tsv)" ]
}

@test "table: usage" {
	refuse 2 '^table: want --output' table
	refuse 2 '^table: want --systems' table -o out
	refuse 2 "^table: unknown option '--odd'" table --odd
	refuse 2 "^table: --repeats: found 'a\[" table -o out --systems x -w w --repeats 'a[$(touch pwned)]' m
	refuse 2 '^table: want --weights' table -o out --systems systems manifest.tsv
	refuse 2 '^cell: want --output' cell --system hypermm
	[ ! -e out ]
	[ ! -e pwned ]
	study
	extract -w vgg.safetensors -c cache manifest.tsv >features.tsv
	refuse 2 "no system 'resnet'" cell -c cache -o out --system resnet features.tsv
	refuse 1 "scenario 'complete' wants a MANIFEST" table -o out --systems systems -c cache
}

@test "cell: every system predicts the test subjects" {
	hmm-phantom --kind histology -o slides --subjects 16 --size 35 --images 5 -s 1
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --breakhis slides | hmm-split --ratio 2:1:1 -s 1 >manifest.tsv
	extract -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' manifest.tsv >features.tsv
	mkdir out
	for system in hypermm hypermm-filled hypermm-1step uni-cnn:40X cnn:100X incremental:40X,400X late-fusion \
		majority linear:40X linear-mean linear-concat; do
		cell -c cache -o "out/$system" --system "$system" -j 1 --condition '--epochs 1' --rho '--epochs 1' \
			--joint '--epochs 1' features.tsv
		[ "$(awk -F'\t' '$3 == "test"' "out/$system/predictions.tsv" | wc -l)" = "$(awk -F'\t' '$5 == "test" { print $1 }' manifest.tsv | sort -u | wc -l)" ]
	done
	[ -e out/hypermm/phi.tsv ]
	[ -e out/incremental:40X,400X/40X-????????.tsv ]
	[ -z "$(find out -name '*.safetensors')" ]
	# with the models of another cell nothing is trained
	cell -c cache -o kept --keep --system hypermm -j 1 --condition '--epochs 1' --rho '--epochs 1' features.tsv
	cell -c cache -o again --models kept --system hypermm -j 1 features.tsv
	cmp kept/predictions.tsv again/predictions.tsv
	[ ! -e again/phi.tsv ]
	cell -c cache -o linear --keep --system linear-mean -j 1 features.tsv
	cell -c cache -o foretold --models linear --system linear-mean -j 1 features.tsv
	cmp linear/predictions.tsv foretold/predictions.tsv
	cmp linear/predictions.tsv out/linear-mean/predictions.tsv
}

@test "cell: missing latents filled with the mean of train, in training and in prediction" {
	study
	hmm-split --ratio 8:4:8 -s 1 manifest.tsv | hmm-drop -q --modality '*pet' --rate 0.5 -s 1 >split.tsv
	extract -w vgg.safetensors -c cache split.tsv >features.tsv
	fast=(--condition '--epochs 1' --rho '--epochs 2')
	cell -c cache -o filled --keep --system hypermm-filled -j 1 "${fast[@]}" features.tsv
	cell -c cache -o sets --keep --system hypermm -j 1 "${fast[@]}" features.tsv
	# one phi; who has both is predicted from them alone, but by another rho
	cmp filled/phi.safetensors sets/phi.safetensors
	awk -F'\t' 'FNR == 1 { next } FNR == NR { has[$1] = has[$1] (has[$1] == "" ? "" : "+") $2; next }
		{ n[$8]++; if ($7 !~ /pet/ || $7 !~ /T1w/ || $9 != "n/a" || ($8 == "n/a") != (has[$1] ~ /\+/)) exit 1 }
		END { exit !(n["n/a"] > 5 && length(n) == 2) }' features.tsv filled/predictions.tsv
	hmm-gather -c cache features.tsv | hmm-condition -w filled/phi.safetensors >latents.hmm
	hmm-setsum --fill latents.hmm <latents.hmm | hmm-rho -w filled/rho.safetensors | cmp - filled/predictions.tsv
	cell -c cache -o again --models filled --system hypermm-filled -j 1 features.tsv
	cmp filled/predictions.tsv again/predictions.tsv
	run cell -c cache -o other --models sets --system hypermm-filled -j 1 features.tsv
	[ "$status" = 1 ]
	grep -q 'was made by hmm-setsum with weights=' <<<"${lines[-1]}"
	# what fails in both readings of the latents is an error of the cell
	run cell -c cache -o none --models nowhere --system hypermm-filled -j 1 features.tsv
	[ "$status" = 1 ]
	[ ! -e none/predictions.tsv ]
}

@test "cell: covariates alone, and beside a system's logit" {
	study
	hmm-split --ratio 8:0:7:5 -s 1 manifest.tsv >split.tsv
	extract -w vgg.safetensors -c cache split.tsv >features.tsv
	head -n 1 features.tsv | grep -qw age
	cell -c cache -o alone --system covariates:age features.tsv
	hmm-covariates -q --columns age features.tsv | cmp - alone/predictions.tsv
	cell -c cache -o image --system majority features.tsv
	cell -c cache -o both --system majority+covariates:age features.tsv
	hmm-covariates -q --columns age --predictions image/predictions.tsv features.tsv | cmp - both/predictions.tsv
	for system in covariates: covariates:age+covariates:age +covariates:age majority+covariates:; do
		refuse 2 "no system" cell -c cache -o none --system $system features.tsv
	done
}

@test "cell: a modality that was not learned is left out where that is asked for, of prediction too" {
	study
	hmm-split --ratio 10:4:6 -s 1 manifest.tsv >split.tsv
	awk -F'\t' -v OFS='\t' '$5 == "test" && $2 == "T1w" && !n++ { $2 = "T2w" } 1' split.tsv >unknown.tsv
	extract -w vgg.safetensors -c cache unknown.tsv >features.tsv
	for system in hypermm multi-vae; do
		one() { cell -c cache -o "$system" --system "$system" --condition '--epochs 1' --rho '--epochs 1' --vae '--epochs 1' "$@" features.tsv; }
		! one 2>said || return 1
		grep -q "modality 'T2w'" said
		one --condition --skip-unknown --vae --skip-unknown
		[ "$(awk -F'\t' '$3 == "test"' "$system/predictions.tsv" | wc -l)" = 6 ]
		! grep -q T2w "$system/predictions.tsv" || return 1
	done
}

# As many subjects and images as a cell of hypermm would have, a part each: counts SCENARIO.
counts() {
	awk -F'\t' '
		NR > 1 { images[$5]++; subjects[$5] += !seen[$1]++ }
		END { n = split("train val test", part, " ")
			for (i = 1; i <= n; i++) printf "%s=%d/%d ", part[i], subjects[part[i]], images[part[i]] }' "$(at "$1")/1.tsv"
}

@test "table1: a dry run on a BIDS tree of a real MRI and PET" {
	data=${HMM_DATA:-$root/../shared/data}/spm
	[ -d "$data" ] || skip "no templates"
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	printf 'participant_id\tdiagnosis\n' >participants
	for i in {0..9}; do
		printf 'sub-%d\t%s\n' $i "$([ $((i % 2)) = 0 ] && echo CN || echo AD)" >>participants
		mkdir -p adni/sub-$i/anat adni/sub-$i/pet
		cp "$data/T1.nii.gz" adni/sub-$i/anat/sub-${i}_T1w.nii.gz
		cp "$data/PET.nii.gz" adni/sub-$i/pet/sub-${i}_trc-18FFDG_pet.nii.gz
	done
	mv participants adni/participants.tsv
	small='--resize 32 --crop 32'
	DATA=adni WEIGHTS=vgg.safetensors run table1 twins --dry-run --slice "$small"
	[ "$status" = 1 ]
	[[ "$output" == *'is not clean'*'10 images with the same pixels'* ]]
	DATA=adni WEIGHTS=vgg.safetensors run --separate-stderr table1 out --dry-run --no-check --slice "$small" --repeats 1
	[ "$status" = 0 ]
	# eleven systems of everything; of both scenarios HyperMM, the two linear ones, imputed latents, and the five that impute
	[ "$(printf '%s\n' "$output" | grep -c 'step" cell ')" = 29 ]
	[ "$(printf '%s\n' "$output" | grep -c 'step" generators ')" = 6 ]
	[ "$(counts complete)" = 'train=6/12 val=1/2 test=3/6 ' ]
	[ "$(counts '100 % MRI + 50 % PET')" = 'train=6/9 val=1/1 test=3/4 ' ]
}

@test "table2: a dry run on real BreaKHis images" {
	data=${HMM_DATA:-$root/../shared/data}/breakhis
	[ -d "$data" ] || skip "no BreaKHis images"
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	DATA=$data WEIGHTS=vgg.safetensors run --separate-stderr table2 out --dry-run --slice '--resize 32 --crop 32' --repeats 1
	[ "$status" = 0 ]
	[ "$(printf '%s\n' "$output" | grep -c 'step" cell ')" = 10 ]
	# nine slides of nine accession numbers: six, one and two
	[[ "$(counts complete)" == 'train=6/'*' val=1/'*' test=2/'* ]]
}
