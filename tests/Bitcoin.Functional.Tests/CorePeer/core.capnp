# What the tests need of the interfaces at Bitcoin Core's socket: the same ids, ordinals and types, under our own names.
@0xf3c09a1b77d2e845;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("core");

struct Threads @0x9c44e6645d0b22c6 {
  runsOn @0 :Worker;
  waitsOn @1 :Worker;
}

interface Worker @0x81c1e2600d0b56c5 {
  name @0 () -> (result :Text);
}

interface Workers @0xee5e37179ad9dc9d {
  make @0 (name :Text) -> (result :Worker);
  pool @1 (count :UInt32) -> ();
}

interface Root @0x8838c700ba5cba65 {
  meet @0 (workers :Workers) -> (workers :Workers);
  echo @1 (on :Threads) -> (result :Echo);
  former @2 () -> ();
  mining @3 (on :Threads) -> (result :Mining);
  rpc @4 (on :Threads) -> (result :Rpc);
}

interface Echo @0xd36b89640dc94399 {
  end @0 (on :Threads) -> ();
  say @1 (on :Threads, text :Text) -> (result :Text);
}

interface Rpc @0xacb1d37f0a713129 {
  run @0 (on :Threads, request :Text, path :Text, user :Text) -> (result :Text);
}

interface Mining @0xf9c68436df3af39e {
  testChain @0 (on :Threads) -> (result :Bool);
  download @1 (on :Threads) -> (result :Bool);
  tip @2 (on :Threads) -> (result :Place, isThere :Bool);
  otherTip @3 (on :Threads, tip :Data, milliseconds :Float64 = 1.7976931348623157e308) -> (result :Place);
  template @4 (on :Threads, what :What, waits :Bool = true) -> (result :Template);
  check @5 (on :Threads, block :Data, how :How) -> (reason :Text, details :Text, result :Bool);
  interrupt @6 () -> ();
  submit @7 (on :Threads, block :Data) -> (reason :Text, details :Text, result :Bool);
  byId @8 (on :Threads, ids :List(Data)) -> (result :List(Data));
  byWitness @9 (on :Threads, ids :List(Data)) -> (result :List(Data));
}

interface Template @0xf9671ad841b2f622 {
  end @0 (on :Threads) -> ();
  header @1 (on :Threads) -> (result :Data);
  block @2 (on :Threads) -> (result :Data);
  fees @3 (on :Threads) -> (result :List(Int64));
  operations @4 (on :Threads) -> (result :List(Int64));
  coinbase @5 (on :Threads) -> (result :Coinbase);
  path @6 (on :Threads) -> (result :List(Data));
  formerSubmit @7 (on :Threads, version :UInt32, time :UInt32, nonce :UInt32, coinbase :Data) -> (result :Bool);
  next @8 (on :Threads, until :Until) -> (result :Template);
  interrupt @9 () -> ();
  submit @10 (on :Threads, version :UInt32, time :UInt32, nonce :UInt32, coinbase :Data)
    -> (reason :Text, details :Text, result :Bool);
}

struct Place {
  hash @0 :Data;
  height @1 :Int32;
}

struct What {
  usesPool @0 :Bool = true;
  weight @1 :UInt64 = 8000;
  operations @2 :UInt64 = 400;
}

struct Until {
  milliseconds @0 :Float64 = 1.7976931348623157e308;
  fees @1 :Int64 = 2100000000000000;
}

struct How {
  root @0 :Bool = true;
  work @1 :Bool = true;
}

struct Coinbase {
  version @0 :UInt32;
  sequence @1 :UInt32;
  prefix @2 :Data;
  witness @3 :Data;
  reward @4 :Int64;
  outputs @5 :List(Data);
  lockTime @6 :UInt32;
}
