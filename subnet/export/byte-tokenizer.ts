/** @file The byte tokenizer as files of Hugging Face tokenizers: token id = byte. */

type Json = Readonly<Record<string, unknown>>;

const BYTES = 256;

/** Bytes that GPT-2's byte-level alphabet shows as themselves: the printable ones of Latin-1. */
function isShown(byte: number): boolean {
  return (
    (byte >= 0x21 && byte <= 0x7e) ||
    (byte >= 0xa1 && byte <= 0xac) ||
    (byte >= 0xae && byte <= 0xff)
  );
}

/** GPT-2's letter for each byte: itself where printable, else the next of the letters from U+0100 on. */
export function byteLetters(): readonly string[] {
  let hidden = 0;
  return Array.from({ length: BYTES }, (_, byte) =>
    String.fromCodePoint(isShown(byte) ? byte : BYTES + hidden++),
  );
}

/**
 * tokenizer.json: byte pairs without a single merge, so each byte is a token, and its id is the byte. There are no
 * special tokens, and no step changes the text.
 */
export function tokenizerJson(): Json {
  const byteLevel = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: false,
    use_regex: false,
  };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(byteLetters().map((letter, byte) => [letter, byte])),
      merges: [],
    },
  };
}

/** tokenizer_config.json; the class is the one that reads tokenizer.json and nothing else. */
export function tokenizerConfigJson(context: number): Json {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    model_max_length: context,
    clean_up_tokenization_spaces: false,
    model_input_names: ["input_ids", "attention_mask"],
  };
}
