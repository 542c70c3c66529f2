load helper

@test "robust: four ways to train, each kind of what is missing; what is there is not made again" {
	hmm-phantom -o study --subjects 24 --size 16 --slices 2 --missing 0.2 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --bids study --label diagnosis --positive AD | hmm-split --ratio 4:4:8 -s 1 >manifest.tsv
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	small() { robust -o out -c cache -n 2 -j 1 --condition '--epochs 1' --rho '--epochs 2' "$@" features.tsv; }
	small >table.tsv
	cmp table.tsv out/robust.tsv
	[ "$(cut -f2 table.tsv | uniq | paste -sd,)" = 'missing,complete,0.25,0.5,0.75,size 1,subsets' ]
	[ "$(cut -f1 table.tsv | sort | uniq -c | awk '{ print $1 $2 }' | paste -sd,)" = '6all,6none,6random,6singles,1training' ]
	# n are those of the test who have both
	both=$(awk -F'\t' '$5 == "test" { n[$1]++ } END { for (s in n) if (n[s] == 2) k++; print k }' manifest.tsv)
	[ "$(tail -n +2 table.tsv | cut -f9 | sort -u)" = "$both" ]
	# a difference is of two values of the table
	awk -F'\t' 'NR > 1 { value[$1, $2] = $3; d = $3 - value["none", $2] - ($1 == "none" ? 0 : $6)
		if (d > 1e-9 || d < -1e-9 || ($1 == "none") != ($6 == "n/a")) exit 1 }' table.tsv
	# all subsets of two are the whole and two singles: their mean
	awk -F'\t' 'NR > 1 { value[$1, $2] = $3 } END { for (t in value) { split(t, k, SUBSEP)
		d = 3 * value[k[1], "subsets"] - value[k[1], "complete"] - 2 * value[k[1], "size 1"]
		if (d > 1e-9 || d < -1e-9) exit 1 } }' table.tsv
	# of complete patients what hmm-rho says of the sets as they are
	for run in 1 2; do
		hmm-gather -c cache features.tsv | hmm-condition -w out/models/phi.$run.safetensors | hmm-setsum |
			hmm-rho -w out/models/random.$run.safetensors | awk -F'\t' '$3 == "test" && /[+]/ { print $1, $5 }' >want
		awk -F'\t' '$NF ~ /complete$/ { print $1, $5 }' out/predictions/random.subsets.$run.tsv | diff want -
	done
	before=$(find out/models -type f -printf '%p %i %T@\n' | sort)
	small | cmp - table.tsv
	[ "$before" = "$(find out/models -type f -printf '%p %i %T@\n' | sort)" ]
	awk -F'\t' '$2 != "T1w" || NR == 1' features.tsv >one.tsv
	refuse 1 'one modality or none' robust -o one -c cache one.tsv
	refuse 1 'nobody of split nobody has every modality' robust -o none -c cache --split nobody features.tsv
	refuse 2 'which robust gives hmm-rho itself' robust -o x -c cache --rho '-o y' features.tsv
}

@test "robust: a row of a table trains on random subsets, and its seed draws others in each run" {
	tiny_features
	mkdir given
	cp features.tsv given/1.tsv
	cp features.tsv given/2.tsv
	printf '%s\n' 'scenario|system|model|setsum|rho|manifests|trained' 'as it is|HyperMM|hypermm|-|-|given|-' \
		'as it is|HyperMM, random subsets|hypermm|--subsets random --draws 3|--subset-loss draw|given|-' \
		'again|HyperMM, random subsets|hypermm|-|-|given|as it is' | tr '|' '\t' >systems
	table -o out -c cache --systems systems --note 'Data: phantoms.' --no-figures -j 1 \
		--condition '--epochs 1' --rho '--epochs 2' >table.txt
	[ "$(awk -F'\t' '$3 == "auc" { print $2 }' out/table.tsv | sort | uniq -c | awk '{ sub(/^ */, ""); print }' | paste -sd';')" = \
		'1 HyperMM;2 HyperMM, random subsets' ]
	random=$(echo out/cells/as-it-is-*/HyperMM-random-subsets-*) again=$(echo out/cells/again-*/HyperMM-random-subsets-*)
	sets() { awk -F'\t' '$9 != "n/a" && NR > 1 { print $1, $7 }' "$random/$1/predictions.tsv"; }
	both=$(cut -f1 features.tsv | uniq -d | wc -l)
	[ "$(sets 1 | wc -l)" = $((3 * both)) ]
	differ <(sets 1) <(sets 2)
	# the same model, of the full sets alone
	awk -F'\t' '$9 == "n/a" || NR == 1' "$random/1/predictions.tsv" | diff - "$again/1/predictions.tsv"
	diff <(awk -F'\t' -v OFS='\t' '$1 == "as it is" && /random/ { $1 = ""; print $2, $3, $4, $5 }' out/table.tsv) \
		<(awk -F'\t' -v OFS='\t' '$1 == "again" { $1 = ""; print $2, $3, $4, $5 }' out/table.tsv)
}
