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

@test "table: a row a system and metric, and the paper's beside them" {
	study
	experiment out
	[ "$(wc -l <out/table.tsv)" = 19 ]
	cut -f 1,2 out/table.tsv | sed 1d | uniq | diff - <(tail -n +2 systems | cut -f 1,3)
	[ "$(awk -F'\t' '$3 == "acc" { print $14 " " $15 }' out/table.tsv | tr '\n' ' ')" = '0.71 0.02 0.74 0.02 0.67 0.02 ' ]
	# mean and SD are those of the runs
	for run in 1 2; do
		hmm-score --split test --bootstrap 0 out/cells/complete/HyperMM/$run/predictions.tsv | awk -F'\t' '$2 == "auc" { print $3 }'
	done | awk '{ v[NR] = $1 } END { m = (v[1] + v[2]) / 2; printf "%.4f\t%.4f\n", m, sqrt((v[1] - m) ^ 2 + (v[2] - m) ^ 2) }' \
		| diff - <(awk -F'\t' '$1 == "complete" && $2 == "HyperMM" && $3 == "auc"' out/table.tsv | cut -f 4,5)
	# the difference is HyperMM's value less the other's
	[ "$(awk -F'\t' '$1 == "complete" && $3 == "acc" { v[$2] = $4; d[$2] = $10 }
		END { x = v["HyperMM"] - v["Uni-CNN MRI"] - d["Uni-CNN MRI"]; print (x < .0002 && x > -.0002) }' out/table.tsv)" = 1 ]
	[ "$(head -n 1 out/table.md)" = 'Data: phantoms.' ]
	grep -q '^| 100 % MRI + 50 % PET | pix2pix + Multi-CNN | ours | not run ' out/table.md
	grep -q '^100 \\% MRI + 50 \\% PET & HyperMM & ours & ' out/table.tex
	grep -q '< 1 h' out/table.md
}

@test "table: half of the PET goes, in training and in test" {
	study
	experiment out
	for run in 1 2; do
		diff <(awk -F'\t' '$2 == "T1w" && $5 == "test"' out/cells/complete/$run.tsv) \
			<(awk -F'\t' '$2 == "T1w" && $5 == "test"' out/cells/100-MRI-50-PET/$run.tsv)
		for split in train test; do
			all=$(awk -F'\t' -v s=$split '$2 ~ /pet$/ && $5 == s' out/cells/complete/$run.tsv | wc -l)
			half=$(awk -F'\t' -v s=$split '$2 ~ /pet$/ && $5 == s' out/cells/100-MRI-50-PET/$run.tsv | wc -l)
			[ "$half" = $((all / 2)) ]
		done
	done
	run cmp out/cells/complete/1.tsv out/cells/complete/2.tsv
	[ "$status" = 1 ]
}

@test "table: the same bytes again, whatever the number of jobs" {
	study
	experiment one -j 1
	experiment two -j 2
	cmp one/table.tsv two/table.tsv
}

@test "table: a cell that is missing is computed again, and no other" {
	study
	experiment out
	cp out/table.tsv before.tsv
	rm -r out/cells/complete/HyperMM/2
	find out/cells -name seconds -printf '%p %T@\n' | sort >before
	run experiment out
	[ "$status" = 0 ]
	[[ "$output" == *"cells: 1 to do"* ]]
	find out/cells -name seconds -printf '%p %T@\n' | sort >after
	[ "$(diff before after | grep '^[<>]' | cut -d ' ' -f 1,2)" = '> out/cells/complete/HyperMM/2/seconds' ]
	cmp before.tsv out/table.tsv
	refuse 1 'other settings' experiment out --ratio 1:1:1
}

@test "table: a leak stops it, unless told not to look" {
	study
	# the MRI of a patient is that of another one as well, whose label differs
	cp "$(awk -F'\t' '$2 == "T1w" && $3 == 0 { print $6; exit }' manifest.tsv)" \
		"$(awk -F'\t' '$2 == "T1w" && $3 == 1 { print $6; exit }' manifest.tsv)"
	run experiment out --dry-run
	[ "$status" = 1 ]
	[[ "$output" == *"not clean"*"twin-labels"* ]]
	run experiment out --dry-run --no-check
	[ "$status" = 0 ]
}

@test "table: a cell that fails is named; the others stay" {
	study
	sed -i 's/uni-cnn:T1w/uni-cnn:T2w/' systems
	run experiment out
	[ "$status" = 1 ]
	[[ "$output" == *"Uni-CNN-MRI"*"some cells failed"* ]]
	[ ! -e out/table.tsv ]
	[ ! -e out/cells/complete/Uni-CNN-MRI/1/predictions.tsv ]
	[ -z "$(find out/cells -name '.new.*')" ]
}

@test "table: options of one system, and a table of the validation split" {
	study
	printf '%s\n' 'scenario|drop|system|model|rho|condition' 'complete|-|HyperMM|hypermm|-|' \
		'complete|-|HyperMM, one epoch|hypermm|--epochs 1|--init pytorch' | tr '|' '\t' >systems
	experiment out --split val
	[ "$(wc -l <"out/cells/complete/HyperMM/1/rho.tsv")" = 3 ]
	[ "$(wc -l <"out/cells/complete/HyperMM-one-epoch/1/rho.tsv")" = 2 ]
	! cmp -s out/cells/complete/HyperMM{,-one-epoch}/1/phi.tsv
	val=$(awk -F'\t' '$3 == "val"' out/cells/complete/HyperMM/*/predictions.tsv | wc -l)
	[ "$(awk -F'\t' '$2 == "HyperMM" && $3 == "auc" { print $9 }' out/table.tsv)" = "$val" ]
	sed -i 's/epochs 1/epochs 2/' systems
	refuse 1 'has other options' experiment out --split val
	sed -i '1s/rho/phi/' systems
	refuse 1 "no program 'phi'" experiment out --split val
}

@test "table: usage" {
	run table -o out
	[ "$status" = 2 ]
	run cell --system hypermm
	[ "$status" = 2 ]
	study
	extract -w vgg.safetensors -c cache manifest.tsv >features.tsv
	refuse 2 "no system 'resnet'" cell -c cache -o out --system resnet features.tsv
}

@test "cell: every system predicts the test subjects" {
	hmm-phantom --kind histology -o slides --subjects 16 --size 35 --images 5 -s 1
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --breakhis slides | hmm-split --ratio 2:1:1 -s 1 >manifest.tsv
	extract -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' manifest.tsv >features.tsv
	for system in hypermm hypermm-1step uni-cnn:40X cnn:100X incremental:40X,400X late-fusion; do
		cell -c cache -o "out/$system" --system "$system" -j 1 --condition '--epochs 1' --rho '--epochs 1' \
			--joint '--epochs 1' features.tsv
		[ "$(awk -F'\t' '$3 == "test"' "out/$system/predictions.tsv" | wc -l)" = "$(awk -F'\t' '$5 == "test" { print $1 }' manifest.tsv | sort -u | wc -l)" ]
	done
	[ -e out/hypermm/phi.tsv ] && [ -e out/incremental:40X,400X/40X.tsv ]
	[ -z "$(find out -name '*.safetensors')" ]
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
	[[ "$output" == *'split 1 is not clean'*'10 images with the same pixels'* ]]
	DATA=adni WEIGHTS=vgg.safetensors run --separate-stderr table1 out --dry-run --no-check --slice "$small" --repeats 1
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 25 ]
	[ "$(printf '%s\n' "$output" | awk -F'\t' '/complete.HyperMM\// { printf "%s=%s/%s ", $3, $4, $5 }')" = 'train=6/12 val=1/2 test=3/6 ' ]
	[ "$(printf '%s\n' "$output" | awk -F'\t' '/50-PET.HyperMM/ { printf "%s=%s/%s ", $3, $4, $5 }')" = 'train=6/9 val=1/1 test=3/4 ' ]
}

@test "table2: a dry run on real BreaKHis images" {
	data=${HMM_DATA:-$root/../shared/data}/breakhis
	[ -d "$data" ] || skip "no BreaKHis images"
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	DATA=$data WEIGHTS=vgg.safetensors run --separate-stderr table2 out --dry-run --slice '--resize 32 --crop 32' --repeats 1
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 22 ]
	# nine slides of nine accession numbers: six, one and two
	[ "$(printf '%s\n' "$output" | awk -F'\t' '/HyperMM/ { printf "%s=%s ", $3, $4 }')" = 'train=6 val=1 test=2 ' ]
}
