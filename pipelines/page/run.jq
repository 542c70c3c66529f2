# run.json: what the page of hypermm run shows. In: tables as {NAME: [rows]}, classes (scores of each), target, split, what
# the files of the models say (phi, rho, encoder), training, svg, and of the run commands, software, digests and seconds.
include "say";
include "data";

def range_of($n): sort | "\(.[0] | fixed($n)) to \(.[-1] | fixed($n))";
def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor] else (.[length / 2] + .[length / 2 - 1]) / 2 end;
def known: map(select(.label != null));
def classes_of($rho): [$rho | to_entries[] | select(.key | startswith("class.")) | .value];
def label_rows($target): # of parts, by labels as the manifest has them
	if $target == "classes" then . as $parts | ([$parts[0].rows[].label | values] | unique)[] as $name | ($parts | cohort_row("label \($name)"; share([.rows[] | select(.label == $name)] | length; .rows | length)))
	elif $target == "value" then cohort_row("label, mean (SD)"; .rows | known | map(.label) | if length == 0 then "n/a" else "\(mean | fixed(2)) (\(sd | fixed(2)))" end),
		cohort_row("label, least to greatest"; .rows | known | map(.label) | if length == 0 then "n/a" else range_of(2) end)
	elif $target == "time" then cohort_row("events"; share([.rows[] | select(.event == 1)] | length; .rows | length)),
		cohort_row("times, least to greatest"; .rows | known | map(.label) | if length == 0 then "n/a" else range_of(1) end),
		cohort_row("follow-up of those without an event, median"; .rows | known | map(select(.event == 0) | .label) | median | fixed(1))
	else cohort_row("outcome 1"; share(.rows | events; .rows | length)) end;
def losses: {bce: "the cross-entropy of a logit", "cross-entropy": "the cross-entropy of the softmax of one output a class",
	gaussian: "the negative log-likelihood of a normal distribution, of its mean and its variance", huber: "Huber's, of delta 1", squared: "the squared error",
	hazards: "that of discrete hazards: an event in each interval up to each time, given that there was none before",
	cox: "Cox's partial likelihood within a batch, ties by Efron; survival has Breslow's baseline of the training subjects"};
def target_words($target; $rho):
	{binary: "Labels are 0 and 1, and a probability of 1 is predicted",
		classes: "Labels are classes (\(classes_of($rho) | join(", "))), and a probability of each is predicted",
		value: "Labels are numbers, and a number is predicted\(if $rho.loss == "gaussian" then ", with a standard deviation" else "" end)",
		time: "Labels are times to an event or to the last look, and a risk is predicted, with the share without the event at \([$rho | to_entries[] | select(.key | startswith("time.")) | .value | tonumber? // . | tostring] | join(", "))"}[$target]
	+ "; the loss is \($rho.loss // "bce" | losses[.] // .).";
def heads: {binary: ["auc", "acc"], classes: ["acc", "auc_macro"], value: ["r2", "mae"], time: ["harrell", "integrated_brier"]};
def spelled: . as $metric | {auc_macro: "area under the ROC curve, mean of classes", auc_weighted: "area under the ROC curve, weighted by rows", f1_macro: "F1, mean of classes",
	f1_weighted: "F1, weighted by rows", precision_macro: "precision, mean of classes", precision_weighted: "precision, weighted by rows",
	recall_macro: "recall, mean of classes", recall_weighted: "recall, weighted by rows", kappa: "Cohen's kappa", r2: "R squared",
	mae: "mean absolute error", rmse: "root mean squared error", crps: "continuous ranked probability score", coverage_90: "values within the central 90 %",
	bias: "bias, predicted less true", pearson: "correlation, Pearson's", spearman: "correlation, Spearman's", harrell: "Harrell's C", uno: "Uno's C",
	integrated_brier: "integrated Brier score"}[.] // ($metric | spell);

. as $t
| ($t.features | people) as $all
| ($all | group_by(.split) | map({key: (.[0].split // "none"), value: .}) | from_entries) as $of
| (["train", "val", "cal", "test"] | map(select($of[.]))) as $splits
| ([{name: "overall", rows: $all}] + ($splits | map({name: ., rows: $of[.]}))) as $parts
| ([$t.features[].modality] | unique) as $modalities
| {(things($t.maker)): made_by($t.maker; [{metadata: $t.phi}]; [{metadata: $t.encoder}]), training: {
	"hmm-condition": $t.phi.options, "hmm-setsum": options([{metadata: $t.rho}]; "hmm-setsum"), "hmm-rho": $t.rho.options}} as $card
| ($card | data_words) as $d
| [$t.metrics[] | select(.split == $t.split)] as $scores
| ($scores[0].n // 0) as $n
| classes_of($t.rho) as $names
| {
	title: $t.title,
	summary: [
		"A training and its predictions, of \($modalities | length | count("modality")) (\($modalities | join(", "))) in \($all | length | count("subject")). \(target_words($t.target; $t.rho))",
		"Of \($n | count("prediction")) of split \($t.split)\(if $t.split == "test" then ", which no training has seen" elif $card | validation_chose then ", which has chosen the epoch that was kept: the numbers below are too good" else ", by which training may have stopped" end): \(
			[heads[$t.target][] as $m | $scores | metric($m) | select(. != null) | "\(.metric | spelled) \(.value | fixed(2))\(if .low then " (95 % interval \(interval(2)))" else "" end)"] | join("; ")).",
		(if $t.split == "test" then empty else "There is no split test." end)
	],
	not: ([
		"Nothing was calibrated on a part that was held out: \({binary: "probabilities are", classes: "probabilities are", value: "values and their deviations are", time: "risks and survival are"}[$t.target]) as the model puts them out.",
		{binary: "No threshold was chosen: decisions are at a probability of 0.5.", classes: "No threshold was chosen: what is predicted is the class of the largest probability.",
			value: "No threshold was chosen, and there is none of a value; nor a table of calibration: bias\(if $t.rho.loss == "gaussian" then " and the share within the central 90 % say" else " says" end) how far off it is.", time: "No threshold was chosen: there are no groups of risk but the quarters below."}[$t.target],
		"There is no evidence beside the metrics: no baselines, no audit of the manifest, no test for shortcuts, no subgroups, no shares of modalities.",
		"It is one training, of one split and one seed. The intervals are over patients, and say nothing of what another split or seed would have brought."
	] + (if $t.target == "binary" then ["hypermm train makes all of that of binary labels, and a model to hand over."] else ["hypermm train, which makes all of that, is of binary labels alone."] end)),
	cohort: {
		columns: ($parts | map(.name)),
		rows: ([
			($parts | cohort_row("subjects"; .rows | length)),
			($parts | cohort_row("patients"; [.rows[] | .group // .subject] | unique | length)),
			($parts | cohort_row($d.things; [.rows[].images] | add)),
			($parts | label_rows($t.target)),
			($parts | cohort_row("label not known"; [.rows[] | select(.label == null)] | length))
		] + [$modalities[] as $m | $parts | cohort_row("has \($m)"; share([.rows[] | select(.has | index($m))] | length; .rows | length))])
	},
	patterns: [$all | group_by(.has) | sort_by(-length)[] | . as $who | {modalities: (.[0].has | join(" + ")), cells: [length, ($splits[] as $s | [$who[] | select(.split == $s)] | length)]}],
	heading: $d.heading, reading: $d.reading, is_images: ($card.images != null), made: $d.made, coded: ($card | coded),
	training: $t.training,
	split: $t.split,
	metrics: [$scores[] | select(.metric | test("^(tn|fp|fn|tp|auc_hard)$") | not) | {name: (.metric | spelled), value: (.value | fixed(3)), interval: interval(3), by: (.interval // "")}],
	figures: $t.svg,
	confusion: {columns: $names, rows: [$names[] as $name | {name: $name, cells: [$names[] as $p | first($t.confusion[] | select(.label == $name and .predicted == $p) | .n) // 0]}]},
	classes: [$t.classes[] | .class as $c | .scores as $s | {class: $c, n: ([$t.confusion[] | select(.label == $c) | .n] | add // 0),
		auc: ($s | metric("auc") // {} | "\(.value | fixed(2))" + (if .low then " (\(interval(2)))" else "" end)),
		recall: (first($t.confusion[] | select(.label == $c and .predicted == $c)) // {} | .of_label | fixed(2)),
		precision: (first($t.confusion[] | select(.label == $c and .predicted == $c)) // {} | .of_predicted | fixed(2))}],
	calibration: [$t.calibration[] | {time: (.time // .t), bin, n, predicted: (.predicted | fixed(3)), observed: (.observed | fixed(3)), interval: interval(3)}],
	methods: [target_words($t.target; $t.rho), ($card | method_words($d; {binary: "a classifier", classes: "a classifier", value: "a regression", time: "a model of the risk"}[$t.target])),
		"Intervals are 95 % ones over patients, as named in the table."],
	software: $t.software,
	digests: $t.digests,
	seconds: [{what: "training and prediction", seconds: $t.seconds}],
	commands: $t.commands,
	css: $t.css
}
| . + {has_coded: (.coded | length > 0), has_classes: (.classes | length > 0), has_calibration: (.calibration | length > 0)}
