# Cap'n Proto's own schemas, which Debian's libcapnp-dev has: many unions, groups, and pointers to anything.
@0xb4c1d2e3f4a59687;

using Schema = import "/capnp/schema.capnp";
using Rpc = import "/capnp/rpc.capnp";

interface Real @0xb4c1d2e3f4a59688 {
  turn @0 (request :Schema.CodeGeneratorRequest) -> (result :Schema.CodeGeneratorRequest);
  pass @1 (message :Rpc.Message) -> (result :Rpc.Message);
}
