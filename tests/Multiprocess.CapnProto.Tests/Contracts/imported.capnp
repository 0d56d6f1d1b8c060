# Every form that 'multiprocess import' writes, and those that it leaves out.
@0xd8f7c6b5a4938271;

using Proxy = import "conventions.capnp";
$Proxy.include("depot.h");
$Proxy.includeTypes("depot-types.h");

interface Depot @0xa1b2c3d4e5f60718 $Proxy.wrap("depot::Depot") {
  construct @0 (threadMap :Proxy.ThreadMap) -> (threadMap :Proxy.ThreadMap);
  destroy @1 (context :Proxy.Context) -> ();
  find @2 (context :Proxy.Context, name :Text, limit :Int32 = 10) -> (result :Item, hasResult :Bool);
  count @3 (context :Proxy.Context, items :List(Item), mode :Mode) -> (total :Int64, wanted :Bool);
  change @4 (context :Proxy.Context, stock :UInt32, wantOld :Bool) -> (stock :UInt32, old :Data);
  buy @5 (context :Proxy.Context, item :Item)
    -> (result :Text, error :Item $Proxy.exception("depot::SoldOut"), other :Text $Proxy.exception("std::exception"));
  watch @6 (context :Proxy.Context, event :Changed) -> (result :Depot);
  reset @7 () -> () $Proxy.name("resetAll");
  rest @8 (context :Proxy.Context, text :Text = "a default value") -> ();
  choose @9 (context :Proxy.Context, choice :Choice) -> (result :Choice);
  pairs @10 (context :Proxy.Context, pairs :List(Pair(Text, Item)) $Proxy.count(2)) -> (result :List(Pair(Text, Item)));
  forms @11 (context :Proxy.Context, forms :Forms, any :AnyPointer, nothing :Void)
    -> (result :Forms, any :AnyPointer, nothing :Void);
  choices @12 (context :Proxy.Context, choices :List(Choice)) -> (result :List(Choice));
}

interface Changed @0xa1b2c3d4e5f60719 $Proxy.wrap("ProxyCallback<std::function<int(int)>>") {
  destroy @0 (context :Proxy.Context) -> ();
  call @1 (context :Proxy.Context, arg :Int32) -> (result :Int32);
}

interface Plain @0xa1b2c3d4e5f6071a extends(Base) {
  divide @0 (a :Int32, b :Int32) -> (quotient :Int32, remainder :Int32);
  big @1 (a :UInt64 = 18446744073709551615, b :Float64 = 1.5, c :Float32 = inf) -> ();
}

interface Base @0xa1b2c3d4e5f6071b {
  ping @0 () -> ();
}

enum Mode {
  fast @0;
  exact @1;
}

struct Item {
  name @0 :Text;
  price @1 :Int64 = -1 $Proxy.name("price_");
  discount @2 :UInt8 $Proxy.skip;
  hasDiscount @3 :Bool;
  mode @4 :Mode = exact;
  seal @5 :Data;
  parts @6 :List(Item);
  depot @7 :Depot;
  nested @8 :Nested;

  struct Nested {
    isThere @0 :Bool = true;
  }
}

# A union without a name, beside a field and a group; its members are of every kind.
struct Choice {
  label @0 :Text;
  union {
    nothing @1 :Void;
    one @2 :Int32 = 7;
    many @5 :List(Choice);
    item @6 :Item;
    text @9 :Text;
    area :group {
      width @3 :Float64;
      height @4 :Float64;
      unit :union {
        pixels @7 :Void;
        named @8 :Text;
      }
    }
    depth :union {
      shallow @10 :Bool;
      deep :group {
        level @11 :UInt8 = 3;
        value @12 :Int64;
        label @13 :Text;
      }
    }
  }
  origin :group {
    x @14 :Int16;
    y @15 :Int16;
  }
}

# Forms of older and of general schemas.
struct Forms {
  bytes @0 :List(UInt8);
  nothings @1 :List(Void);
  skipped @2 :Void;
  any @3 :AnyPointer;
  open @4 :Pair;
  state @6! :union {
    off @5 :Void;
    on @7 :UInt16;
  }
  mode :group {
    fast @8 :Bool;
    inner :group {
      name @9 :Text;
    }
  }
}

struct Pair(A, B) {
  first @0 :A;
  second @1 :B;
}
