# The part of libmultiprocess's conventions that the import knows by its numbers.
@0xcc316e3f71a040fb;

annotation wrap @0xe6f46079b7b1405e (interface, struct) :Text;
annotation exception @0x996a183200992f88 (param) :Text;

# What the C++ side looks like; C# has the names and parameters of the schema.
annotation include (file) :Text;
annotation includeTypes (file) :Text;
annotation name (field, method) :Text;
annotation count (param, struct, interface) :Int32;
annotation skip (field) :Void;

interface ThreadMap @0xee5e37179ad9dc9d {
  makeThread @0 (name :Text) -> (result :Thread);
}

interface Thread @0x81c1e2600d0b56c5 {
  getName @0 () -> (result :Text);
}

struct Context @0x9c44e6645d0b22c6 {
  thread @0 :Thread;
  callbackThread @1 :Thread;
}
