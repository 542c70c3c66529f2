# model.json, the card of a model: what it is, of whom, how good.
include "tables";

def steps($of; $program): [$of[0].metadata.history[].history[] | select(.program == $program)];
def options($of; $program): [steps($of; $program)[] | .options // ""] | unique;
def share(f): group_by(f) | map({key: (.[0] | f), value: length}) | from_entries;
def people: group_by(.subject) | map(.[0] + {has: (map(.modality) | unique | join("+")), images: length});
def things: {"hmm-record": "vectors", "hmm-rocket": "signals"}[$maker] // "images";
def cohort: people | {
	subjects: length,
	patients: (map(.group // .subject) | unique | length),
	(things): (map(.images) | add // 0),
	label_0: (map(select(.label == 0)) | length),
	label_1: (map(select(.label == 1)) | length),
	modalities: share(.has)
};
($manifest | table) as $rows
| ($scores | table | map(select(.split == "test"))) as $scores
| {
	format: 1,
	kind: "HyperMM (arXiv 2407.20768): a patient is classified by the modalities that there are, nothing is imputed",
	made_by: $version,
	trained: $trained,
	members: $members,
	intended_use: "Research; no medical device. It answers for patients like those counted here, with \(things) made as theirs. What it says of others nobody has measured.",
	predicts: {label: $outcome, positive: $positive},
	modalities: [$phi[0].metadata.history[].modality],
	(things): (if $maker == "hmm-record" then {columns: $encoder[0].metadata.columns}
		elif $maker == "hmm-rocket" then {"hmm-rocket": $encoder[0].metadata.options} + ($encoder[0].metadata | {length, window, step, features})
		else {
			"hmm-slice": options($phi; "hmm-slice"),
			"hmm-vgg": options($phi; "hmm-vgg"),
			weights: ([steps($phi; "hmm-vgg")[].weights] | unique)
		} end),
	training: {
		"hmm-condition": $phi[0].metadata.options,
		"hmm-setsum": options($rho; "hmm-setsum"),
		"hmm-rho": $rho[0].metadata.options
	},
	threshold: {rule: $rule, value: $threshold},
	calibration: {method: "platt", alpha: $alpha, of: $split},
	cohort: ($rows | group_by(.split) | map({key: (.[0].split // "all"), value: cohort}) | from_entries),
	metrics: {n: $scores[0].n, values: [$scores[] | {metric, value, low, high, interval, over}]},
	sha256: $digests
}
