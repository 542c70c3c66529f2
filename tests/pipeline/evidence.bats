load helper

@test "evidence: every table, of one HyperMM; what was trained is not trained again" {
	hmm-phantom -o study --subjects 60 --size 16 --slices 2 --missing 0.2 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --bids study --label diagnosis --positive AD | hmm-split --ratio 3:1:2:4 -s 1 >manifest.tsv
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv |
		awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "site" : substr($1, length($1)) % 2 ? "odd" : "even" }' >features.tsv
	small() { evidence -o out -c cache -s 2 -j 1 --by site --covariates site --condition '--epochs 1' --rho '--epochs 2' features.tsv; }
	small >printed 2>said
	for table in scores by subsets coverage worth gains shortcuts baselines power; do
		[ "$(wc -l <out/$table.tsv)" -gt 1 ]
		sed -n "/^$table\$/,/^\$/p" printed | sed '1d;/^$/d' | diff - out/$table.tsv
	done
	[ "$(ls out/curves | paste -sd,)" = 'calibration.tsv,decision.tsv,pr.tsv,risk.tsv,roc.tsv' ]
	# each is what its program says by itself
	hmm-score -s 2 --split test --threshold youden --net-benefit 0.1,0.2,0.3 out/hypermm/predictions.tsv | cmp - out/scores.tsv
	[ "$(tail -n +2 out/by.tsv | cut -f 2 | sort -u | paste -sd,)" = 'modalities,site' ]
	[ "$(awk -F'\t' 'NR > 1 { print $1 }' out/baselines.tsv | sort -u | wc -l)" = 5 ]
	# thresholds and calibration are of cal
	[ "$(grep -c 'by youden, of split cal: n 12, 6 events$' said)" = 2 ]
	[ "$(grep -c 'split val' said)" = 0 ]
	before=$(find out -name '*.safetensors' -printf '%p %i %T@\n' | sort)
	small 2>/dev/null | cmp - printed
	[ "$before" = "$(find out -name '*.safetensors' -printf '%p %i %T@\n' | sort)" ]
	# of covariates that are asked for no more nothing stays
	[ "$(find out -name '*covariates.tsv' | wc -l)" = 2 ]
	evidence -o out -c cache -s 2 -j 1 --condition '--epochs 1' --rho '--epochs 2' features.tsv >/dev/null 2>&1
	[ -z "$(find out -name '*covariates.tsv')" ]
}
