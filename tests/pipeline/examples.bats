load helper

@test "examples: PyTorch says the same of exported models" {
	/usr/bin/python3 -c 'import torch, msgpack_numpy' 2>/dev/null || skip "no PyTorch for /usr/bin/python3"
	tiny_sets
	hmm-rho --train -q --epochs 2 --hidden 8,4 -o rho.safetensors <sets.hmm
	hmm-weights --export -o phi.plain phi.safetensors
	hmm-weights --export -o rho.plain rho.safetensors
	[ "$(hmm-weights rho.safetensors | grep -c groups)" -gt 0 ]
	! hmm-weights rho.plain | grep groups || return 1
	/usr/bin/python3 "$root/examples/load.py" phi.plain rho.plain <features.hmm >theirs
	hmm-rho -w rho.safetensors <sets.hmm | awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $5 }' | sort >ours
	[ "$(wc -l <theirs)" = 12 ]
	paste ours theirs | awk -F'\t' '$1 != $3 || ($2 - $4) ^ 2 > 1e-10 { print; exit 1 }'
	# our own programs take an exported one
	hmm-condition -w phi.plain <features.hmm | hmm-setsum | hmm-rho --any-history -w rho.plain | awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $5 }' | sort | cmp - ours
	refuse 1 'vgg.safetensors: no model that was trained here' hmm-weights --export -o x vgg.safetensors
	refuse 2 'export wants -o' hmm-weights --export phi.safetensors
}

# Predictions of 30 test subjects.
predictions() {
	awk 'BEGIN { print "subject\tsplit\tlabel\tlogit\tprobability\tmodalities"
		for (i = 1; i <= 30; i++) { z = (i * 7 % 13 - 6) / 3; printf "s%d\ttest\t%s\t%.9g\t%.9g\t%s\n", i, i % 10 ? i % 2 : "n/a", z, 1 / (1 + exp(-z)), i % 3 ? "A" : "A+B" } }' >predictions.tsv
	auc=$(hmm-score -q --bootstrap 0 --metrics auc predictions.tsv 2>/dev/null | awk -F'\t' 'NR == 2 { printf "%.6f", $3 }')
}

@test "examples: R and pandas have the same AUC" {
	predictions
	local tried=0
	if command -v Rscript >/dev/null; then
		Rscript "$root/examples/metrics.R" predictions.tsv | grep -qx "auc	$auc"
		tried=1
	fi
	if /usr/bin/python3 -c 'import pandas, sklearn' 2>/dev/null; then
		/usr/bin/python3 "$root/examples/metrics.py" predictions.tsv >have
		grep -qx "auc	$auc" have
		tried=1
	fi
	[ $tried = 1 ] || skip "neither R nor pandas"
}

@test "examples: Snakemake has five seeds" {
	command -v snakemake >/dev/null || skip "no snakemake"
	hmm-phantom -q -o study --subjects 24 --size 16 --slices 2 -s 3
	hmm-weights -q --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	snakemake -s "$root/examples/Snakefile" --cores 2 --quiet --config study=study weights=vgg.safetensors >log 2>&1 || { cat log; return 1; }
	[ "$(awk -F'\t' '$2 == "auc" { print $9 }' scores.tsv)" = 5 ]
}
