@0xe1b5d2f87a3c4960;

# Every construct that a message can have. Tests fill it with values at random.

struct Everything {
  nothing @0 :Void;
  flag @1 :Bool;
  flagOn @2 :Bool = true;
  i8 @3 :Int8 = -5;
  i16 @4 :Int16 = 1234;
  i32 @5 :Int32 = -123456;
  i64 @6 :Int64 = 1234567890123;
  u8 @7 :UInt8 = 200;
  u16 @8 :UInt16 = 50000;
  u32 @9 :UInt32 = 4000000000;
  u64 @10 :UInt64 = 18446744073709551615;
  f32 @11 :Float32 = 1.5;
  f64 @12 :Float64 = -2.25;
  plain32 @13 :Int32;
  plain64 @14 :Float64;
  color @15 :Color = blue;
  text @16 :Text;
  textWithDefault @17 :Text = "as it was";
  data @18 :Data;
  child @19 :Everything;
  small @20 :Small;
  smallWithDefault @21 :Small = (a = 7, b = "seven");
  empty @22 :Empty;

  union {
    none @23 :Void;
    number @24 :UInt16;
    name @25 :Text;
    point :group {
      x @26 :Int32;
      y @27 :Int32;
    }
    smalls @28 :List(Small);
  }

  side :group {
    width @29 :UInt8;
    union {
      left @30 :Float32;
      right @31 :List(Text);
      both :group {
        first @32 :Bool;
        second @33 :Int64;
      }
    }
  }

  voids @34 :List(Void);
  bools @35 :List(Bool);
  int8s @36 :List(Int8);
  int16s @37 :List(Int16);
  int32s @38 :List(Int32);
  int64s @39 :List(Int64);
  uint8s @40 :List(UInt8);
  uint16s @41 :List(UInt16);
  uint32s @42 :List(UInt32);
  uint64s @43 :List(UInt64);
  float32s @44 :List(Float32);
  float64s @45 :List(Float64);
  texts @46 :List(Text);
  datas @47 :List(Data);
  colors @48 :List(Color);
  children @49 :List(Everything);
  empties @50 :List(Empty);
  numbers @51 :List(Number);
  bits @52 :List(List(Bool));
  matrix @53 :List(List(List(Int32)));
  boxed @54 :Box(Text, Small);
  boxes @55 :List(Box(Data, Everything));
  listWithDefault @56 :List(Int32) = [1, 2, 3];
}

struct Small {
  a @0 :UInt32;
  b @1 :Text;
}

struct Number {
  value @0 :Int64;
}

struct Empty {
}

struct Box(First, Second) {
  first @0 :First;
  second @1 :Second;
  count @2 :UInt8;
}

enum Color {
  red @0;
  green @1;
  blue @2;
}
