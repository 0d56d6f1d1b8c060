@0xd3e5b1a9c8f70246;

# What the tests call on a peer, whichever side has it.

interface Peer @0xc1f3a5b7d9e80a11 {
  add @0 (a :Int32, b :Int32) -> (sum :Int32);
  echo @1 (text :Text, data :Data) -> (text :Text, data :Data);
  fail @2 (type :UInt16, reason :Text);
  makeCounter @3 (start :Int32) -> (counter :Counter, box :Box);
  callBack @4 (callback :Callback, times :Int32) -> (sum :Int32);
  keep @5 (callback :Callback);
  callKept @6 (value :Int32) -> (result :Int32);
  liveCounters @7 () -> (count :Int32);
  echoCapability @8 (callback :Callback) -> (callback :Callback);
  never @9 ();
  cancelled @10 () -> (count :Int32);
  promise @11 () -> (callback :Callback);
  keepPromise @12 (callback :Callback);
  breakPromise @13 (reason :Text);
}

struct Box {
  counter @0 :Counter;
}

interface Counter @0xc1f3a5b7d9e80a12 {
  next @0 () -> (value :Int32);
}

interface Callback @0xc1f3a5b7d9e80a13 {
  call @0 (value :Int32) -> (result :Int32);
}
