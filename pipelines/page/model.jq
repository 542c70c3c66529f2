# model.json, the card of a model: what it is, of whom, how good.
include "tables";
include "data";

def share(f): group_by(f) | map({key: (.[0] | f), value: length}) | from_entries;
def people: group_by(.subject) | map(.[0] + {has: (map(.modality) | unique | join("+")), images: length});
def cohort: people | {
	subjects: length,
	patients: (map(.group // .subject) | unique | length),
	(things($maker)): (map(.images) | add // 0),
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
	intended_use: "Research; no medical device. It answers for patients like those counted here, with \(things($maker)) made as theirs. What it says of others nobody has measured.",
	predicts: {label: $outcome, positive: $positive},
	modalities: [$phi[0].metadata.history[].modality],
	(things($maker)): made_by($maker; $phi; $encoder),
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
