# What a model is of, on its card, and in words: images, vectors or signals.
def steps($of; $program): [$of[0].metadata.history[].history[] | select(.program == $program)];
def options($of; $program): [steps($of; $program)[] | .options // ""] | unique;
def things($maker): {"hmm-record": "vectors", "hmm-rocket": "signals"}[$maker] // "images";
def made_by($maker; $phi; $encoder): # for the card
	if $maker == "hmm-record" then {columns: $encoder[0].metadata.columns}
	elif $maker == "hmm-rocket" then {"hmm-rocket": $encoder[0].metadata.options} + ($encoder[0].metadata | {length, window, step, features})
	else {
		"hmm-slice": options($phi; "hmm-slice"),
		"hmm-vgg": options($phi; "hmm-vgg"),
		weights: ([steps($phi; "hmm-vgg")[].weights] | unique)
	} end;

# rows of a page, of an encoder of vectors
def coded: [(.vectors.columns // [])[] | .modality as $modality
	| if .width then {$modality, name: "\(.width) numbers", coded: "standardised", missing: "none may be"}
	else .columns[] | {$modality, name,
		coded: (if (.values | length) > 0 then "a number for each of " + (.values | join(", ")) else "standardised" end),
		missing: (if .missing then "one more number says so" else "none in training" end)} end];

# In: model.json. Sentences that differ; null: only a person can answer
def data_words:
	(.images["hmm-slice"] // [] | join("; ")) as $slice
	| (coded | map(select(.missing | test("^one more"))) | length) as $lacking
	| if .vectors then {
		thing: "vector", things: "vectors", heading: "Vectors as the network sees them",
		on: "on the columns of tables and other vectors",
		made: "Vectors were coded by hmm-record, as it learned on split train alone: a number less the mean, over the standard deviation; a category as a number for each of its values, 1 for the one that stands there; what is missing within a vector is the mean, or no category, and in columns where training rows lacked a value one more number says that it is missing.",
		short: "By hmm-record, as learned on split train: numbers standardised, categories as a number for each value, missing cells by a number of their own.",
		alike: "The columns of everybody were coded alike, as learned on split train.",
		missing: "Within a vector a missing number is the training mean and a missing category none; in \($lacking) \(if $lacking == 1 then "column" else "columns" end) one more number says so.",
		reading: "A row is a column of a modality. Look whether numbers are numbers, and categories those that you know.",
		no_raters: null,
		pipe: "hmm-record | hmm-condition | hmm-setsum | hmm-rho | hmm-calibrate; digests below.",
		use: "Columns must have the names and units of these; other columns are refused, and a category that was not learned is none, with a warning.",
		initial: "All from a seed. Where vectors are those of another network, say which.",
		no_covariates: "Numbers enter standardised, categories as a number for each value; nothing was cut into groups.",
		trained_anew: "The coding of columns, step 1 and step 2 were learned anew in every fold.",
		twins: "rows that name the same \(if .vectors then "vector" else "signal" end) twice (what stands in them is not compared)",
		predict: "hypermm predict -m model MANIFEST"
	} elif .signals then {
		thing: "signal", things: "signals", heading: "Signals as the network sees them",
		on: "on features of fixed convolutions (MiniRocket's)",
		made: "Signals were seen by hmm-rocket (\(.signals["hmm-rocket"]); reference length \(.signals.length)): fixed convolutions of each channel, standardised by its mean and deviation on split train, and of each the share of places above a bias: \(.signals.features) numbers\(if .signals.window != "0" then " of each window of \(.signals.window) samples" else "" end).",
		short: "By hmm-rocket (\(.signals["hmm-rocket"])): channels standardised as learned on split train, then fixed convolutions.",
		alike: "Channels were standardised as learned on split train, and all were seen alike.",
		missing: "A dead channel is a modality that is missing.",
		reading: "There are no pictures of signals here; look at them with a viewer of your own.",
		no_raters: "Nobody: signals go in whole.",
		pipe: "hmm-rocket | hmm-condition | hmm-setsum | hmm-rho | hmm-calibrate; digests below.",
		use: "Signals must be recorded as these were, at the same rate; channels that were not learned are left out with a warning.",
		initial: "Convolutions are fixed; all else is from a seed.",
		no_covariates: "There are none: signals alone.",
		trained_anew: "The scales of channels, step 1 and step 2 were learned anew in every fold; the convolutions are fixed.",
		twins: "rows that name the same \(if .vectors then "vector" else "signal" end) twice (what stands in them is not compared)",
		predict: "hypermm predict -m model MANIFEST"
	} else {
		thing: "image", things: "images", heading: "Images as the network sees them",
		on: "on a frozen VGG",
		made: "Images were cut by hmm-slice (\($slice)) and seen by a frozen VGG (weights \(.images.weights | join(", ") | .[0:16])...); of each channel and place the largest value over the slices of an image was kept.",
		short: "By hmm-slice (\($slice)) and a frozen VGG.",
		alike: "Every image was cut and scaled alike (\($slice)).",
		missing: null,
		reading: "A row is a subject. Look whether they are upright, whole and of whom they say.",
		no_raters: "Nobody: images go in whole.",
		pipe: "hmm-slice | hmm-vgg | hmm-condition | hmm-setsum | hmm-rho | hmm-calibrate; digests below.",
		use: "Images must be made as these were; the programs refuse others by name.",
		initial: "VGG: weights \(.images.weights | join(", ") | .[0:16]); the rest from a seed.",
		no_covariates: "There are none: images alone.",
		trained_anew: "Step 1 and step 2 were trained anew in every fold; the VGG is frozen.",
		twins: "twin images",
		predict: "hypermm predict -m model MODALITY=IMAGE..."
	} end;
def kept: if test("checkpoint=auc") then "the epoch with the best validation AUC (of a time C)"
	elif test("checkpoint=last") then "the last epoch" else "the epoch with the least validation loss" end;
def validation_chose: [.training["hmm-condition", "hmm-rho"] | test("checkpoint=last") | not] | any;
def kept_words: # of a card
	[.training["hmm-condition", "hmm-rho"] | kept] as $kept | if $kept[0] == $kept[1] then "Of both steps \($kept[0]) was kept."
		else "Of step 1 \($kept[0]) was kept, of step 2 \($kept[1])." end;
def method_words($data; $learner): # of a card, with what data_words says of it
	$data.made,
	"In step 1 a hypernetwork learned to generate, for each modality, a layer that makes a latent of its features (\(.training["hmm-condition"])). In step 2 the latents of what a patient has became one (\(.training["hmm-setsum"] | join("; "))), and \($learner) learned from these (\(.training["hmm-rho"])). \(kept_words) Missing modalities are not imputed.";
