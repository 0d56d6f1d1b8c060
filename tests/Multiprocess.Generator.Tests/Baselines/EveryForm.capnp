# The contracts of Demo, written by the build. Edit the interfaces, not this file.

@0xd0721c7343e74776;

# Demo.IService
interface Service {
  get @0 (name :Text) -> (result :Person);
  get2 @1 (id :Int32) -> (result :Person);
  tryGet @2 (shape :Shape, count :Int32) -> (result :Bool, count :Int32, single :Single);
  getSize @3 () -> (result :Int32);
  setSize @4 (value :Int32) -> ();
  getItem @5 (color :Color) -> (result :Int32);
  addChanged @6 (value :EventHandlerOfInt32) -> ();
  removeChanged @7 (value :EventHandlerOfInt32) -> ();
  runAsync @8 (run :FuncOfPersonAndTaskOfArrayOfByte, progress :ProgressOfInt32) -> (result :UInt8);
  shapes @9 (bytes :ItemsOfByte) -> (result :ItemsOfShape);
  getPeople @10 () -> (result :StoreOfPerson);
  copy @11 (from :Stream, to :DuplexPipe, bytes :Data) -> ();
  grid @12 (x :U00c4rgerGru00f6u00dfe, y :IPEndPoint, z :DateTimeOffset, day :Int64, big :Data, half :Float32, json :Text) -> (result :Grid2OfInt32);
  log @13 (texts :List(Text)) -> ();
  dispose @14 () -> ();
}

# Demo.IStore<Demo.Person>
interface StoreOfPerson {
  find @0 (id :Int32) -> (result :Person);
}

# record Demo.Circle
struct Circle {
  radius @0 :Float64;
}

# enum Demo.Color: System.Int32
enum Color {
  red @0;  # 5
  darkRed @1;  # 7
}

# record Demo.Line
struct Line {
  from @0 :TupleOfInt32AndInt32;
  to @1 :EntryOfStringAndPerson;
}

# record Demo.Only
struct Only {
}

# record Demo.Person
struct Person {
  name @0 :Text;
  age @1 :OptionalOfInt32;
  color @2 :Color;
  tags @3 :List(EntryOfStringAndListOfArrayOfInt32);
  parent @4 :Person;
}

# enum Demo.Rights: System.Byte
const rightsRead :UInt8 = 1;
const rightsWrite :UInt8 = 2;

# union Demo.Shape
struct Shape {
  union {
    circle @0 :Circle;
    line @1 :Line;
  }
}

# union Demo.Single
struct Single {
  union {
    only @0 :Only;
    reserved @1 :Void;
  }
}

# record Demo.Ärger_größe
struct U00c4rgerGru00f6u00dfe {
  enumValue @0 :Int32;
  structValue @1 :Int32;
  structValue2 @2 :Int32;
  urlValue @3 :Int32;
  id @4 :Int32;
}

# record Other.Person
struct Person2 {
  id @0 :Text;
  money @1 :OptionalOfDecimal;
}

# System.EventHandler<System.Int32>
interface EventHandlerOfInt32 {
  invoke @0 (sender :AnyPointer, e :Int32) -> ();
}

# System.Func<Demo.Person, System.Threading.Tasks.Task<System.Byte[]>>
interface FuncOfPersonAndTaskOfArrayOfByte {
  invoke @0 (arg :Person) -> (result :Data);
}

# System.IProgress<System.Int32>
interface ProgressOfInt32 {
  report @0 (value :Int32) -> ();
}

struct DateTimeOffset {
  clock @0 :Int64;
  offsetMinutes @1 :Int16;
}

interface DuplexPipe {
  read @0 (maxCount :Int32) -> (bytes :Data);
  write @1 (bytes :Data) -> (isCompleted :Bool);
  completeInput @2 () -> ();
  completeOutput @3 () -> ();
}

struct EntryOfStringAndListOfArrayOfInt32 {
  key @0 :Text;
  value @1 :List(List(Int32));
}

struct EntryOfStringAndPerson {
  key @0 :Text;
  value @1 :Person2;
}

struct Grid2OfInt32 {
  sizes @0 :List(Int32);
  items @1 :List(Int32);
}

struct IPEndPoint {
  address @0 :Data;
  port @1 :UInt16;
}

interface ItemsOfByte {
  next @0 (maxCount :Int32) -> (items :Data, isLast :Bool);
  dispose @1 () -> ();
}

interface ItemsOfShape {
  next @0 (maxCount :Int32) -> (items :List(Shape), isLast :Bool);
  dispose @1 () -> ();
}

struct OptionalOfDecimal {
  union {
    none @0 :Void;
    some @1 :Text;
  }
}

struct OptionalOfInt32 {
  union {
    none @0 :Void;
    some @1 :Int32;
  }
}

interface Stream {
  read @0 (maxCount :Int32) -> (bytes :Data);
  write @1 (bytes :Data) -> ();
  flush @2 () -> ();
  seek @3 (offset :Int64, origin :Int32) -> (position :Int64);
  length @4 () -> (length :Int64);
  setLength @5 (length :Int64) -> ();
  dispose @6 () -> ();
}

struct TupleOfInt32AndInt32 {
  item1 @0 :Int32;
  item2 @1 :Int32;
}
