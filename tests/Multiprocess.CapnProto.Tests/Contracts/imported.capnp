# Every form that 'multiprocess import' writes, and those that it leaves out.
@0xd8f7c6b5a4938271;

using Proxy = import "conventions.capnp";

interface Depot @0xa1b2c3d4e5f60718 $Proxy.wrap("depot::Depot") {
  construct @0 (threadMap :Proxy.ThreadMap) -> (threadMap :Proxy.ThreadMap);
  destroy @1 (context :Proxy.Context) -> ();
  find @2 (context :Proxy.Context, name :Text, limit :Int32 = 10) -> (result :Item, hasResult :Bool);
  count @3 (context :Proxy.Context, items :List(Item), mode :Mode) -> (total :Int64, wanted :Bool);
  change @4 (context :Proxy.Context, stock :UInt32, wantOld :Bool) -> (stock :UInt32, old :Data);
  buy @5 (context :Proxy.Context, item :Item)
    -> (result :Text, error :Item $Proxy.exception("depot::SoldOut"), other :Text $Proxy.exception("std::exception"));
  watch @6 (context :Proxy.Context, event :Changed) -> (result :Depot);
  reset @7 () -> ();
  rest @8 (context :Proxy.Context, any :AnyPointer) -> ();
  choose @9 (context :Proxy.Context, choice :Choice) -> ();
  pairs @10 (context :Proxy.Context, pairs :List(Pair(Text, Item))) -> (result :List(Pair(Text, Item)));
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
  price @1 :Int64 = -1;
  discount @2 :UInt8;
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

struct Choice {
  union {
    one @0 :Int32;
    other @1 :Text;
  }
}

struct Pair(A, B) {
  first @0 :A;
  second @1 :B;
}
