// A client and a server that behave as Bitcoin Core's programs do at their socket, over the C++ library.
//   core cli SOCKET REQUEST   runs a JSON-RPC request, and prints the reply
//   core miner SOCKET         uses the interface for miners, and prints what it gets
//   core node SOCKET          serves; prints "listening", and a line for each call; ends with standard input
//   core oldnode SOCKET       the same, as a version that has no JSON-RPC there

#include <capnp/capability.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstring>
#include <iostream>
#include <string>
#include "core.capnp.h"
#include "core.capnp.c++" // NOLINT: one file to compile.

namespace {

// Threads are names here: this program has one.
class WorkerServer final : public core::Worker::Server {
public:
  explicit WorkerServer(std::string name) : name_(kj::mv(name)) {}
  kj::Promise<void> name(NameContext context) override {
    context.getResults().setResult(name_);
    return kj::READY_NOW;
  }

private:
  std::string name_;
};

using WorkerSet = capnp::CapabilityServerSet<core::Worker>;

class WorkersServer final : public core::Workers::Server {
public:
  explicit WorkersServer(WorkerSet& set) : set_(set) {}
  kj::Promise<void> make(MakeContext context) override {
    context.getResults().setResult(set_.add(kj::heap<WorkerServer>(context.getParams().getName().cStr())));
    return kj::READY_NOW;
  }

private:
  WorkerSet& set_;
};

// As libmultiprocess: a call without a thread of this side is refused.
kj::Promise<void> onThread(WorkerSet& set, core::Threads::Reader threads, kj::Function<void()> run) {
  KJ_REQUIRE(threads.hasRunsOn(), "no thread specified");
  KJ_REQUIRE(threads.hasWaitsOn(), "no callback thread specified");
  auto waits = threads.getWaitsOn();
  auto runs = threads.getRunsOn();
  return set.getLocalServer(runs).then([run = kj::mv(run), waits](auto server) mutable {
    KJ_IF_MAYBE(found, server) {
      (void)found;
      return waits.nameRequest().send().then([run = kj::mv(run)](auto name) mutable {
        KJ_REQUIRE(name.hasResult());
        run();
      });
    }
    KJ_FAIL_REQUIRE("invalid thread handle");
  });
}

class RpcServer final : public core::Rpc::Server {
public:
  explicit RpcServer(WorkerSet& set) : set_(set) {}
  kj::Promise<void> run(RunContext context) override {
    return onThread(set_, context.getParams().getOn(), [context]() mutable {
      auto params = context.getParams();
      std::string request = params.getRequest().cStr();
      std::cout << "run " << request << " " << params.getPath().cStr() << " " << params.getUser().cStr() << std::endl;
      context.getResults().setResult(
          request.find("\"getblockcount\"") != std::string::npos
              ? "{\"jsonrpc\":\"2.0\",\"result\":31,\"id\":1}"
              : "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32601,\"message\":\"Method not found\"},\"id\":1}");
    });
  }

private:
  WorkerSet& set_;
};

class TemplateServer final : public core::Template::Server {
public:
  TemplateServer(WorkerSet& set, int number) : set_(set), number_(number) {}
  ~TemplateServer() { std::cout << "freed " << number_ << std::endl; }
  kj::Promise<void> end(EndContext context) override {
    return onThread(set_, context.getParams().getOn(), [this]() { std::cout << "ended " << number_ << std::endl; });
  }
  kj::Promise<void> fees(FeesContext context) override {
    return onThread(set_, context.getParams().getOn(), [this, context]() mutable {
      auto fees = context.getResults().initResult(number_);
      for (int i = 0; i < number_; i++) fees.set(i, 1000 * (i + 1));
    });
  }
  kj::Promise<void> next(NextContext context) override {
    return onThread(set_, context.getParams().getOn(), [this, context]() mutable {
      std::cout << "next " << context.getParams().getUntil().getFees() << std::endl;
      if (number_ < 3) context.getResults().setResult(kj::heap<TemplateServer>(set_, number_ + 1));
    });
  }

private:
  WorkerSet& set_;
  int number_;
};

class MiningServer final : public core::Mining::Server {
public:
  explicit MiningServer(WorkerSet& set) : set_(set) {}
  kj::Promise<void> testChain(TestChainContext context) override {
    return onThread(set_, context.getParams().getOn(), [context]() mutable { context.getResults().setResult(true); });
  }
  kj::Promise<void> tip(TipContext context) override {
    return onThread(set_, context.getParams().getOn(), [context]() mutable {
      kj::byte hash[32] = {7};
      context.getResults().setIsThere(true);
      auto place = context.getResults().initResult();
      place.setHash(kj::arrayPtr(hash, 32));
      place.setHeight(840000);
    });
  }
  kj::Promise<void> template_(TemplateContext context) override {
    return onThread(set_, context.getParams().getOn(), [this, context]() mutable {
      auto what = context.getParams().getWhat();
      std::cout << "template " << what.getUsesPool() << " " << what.getWeight() << " " << what.getOperations() << " "
                << context.getParams().getWaits() << std::endl;
      context.getResults().setResult(kj::heap<TemplateServer>(set_, 1));
    });
  }

private:
  WorkerSet& set_;
};

class RootServer final : public core::Root::Server {
public:
  RootServer(WorkerSet& set, bool hasRpc) : set_(set), hasRpc_(hasRpc) {}
  kj::Promise<void> meet(MeetContext context) override {
    context.getResults().setWorkers(kj::heap<WorkersServer>(set_));
    // As libmultiprocess, a server makes threads at its client only for calls of its own.
    return kj::READY_NOW;
  }
  kj::Promise<void> rpc(RpcContext context) override {
    if (!hasRpc_) return core::Root::Server::rpc(context);
    return onThread(set_, context.getParams().getOn(), [this, context]() mutable {
      context.getResults().setResult(kj::heap<RpcServer>(set_));
    });
  }
  kj::Promise<void> mining(MiningContext context) override {
    return onThread(set_, context.getParams().getOn(), [this, context]() mutable {
      context.getResults().setResult(kj::heap<MiningServer>(set_));
    });
  }

private:
  WorkerSet& set_;
  bool hasRpc_;
};

int connectTo(const char* path) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    perror("connect");
    exit(2);
  }
  return fd;
}

struct Client {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  WorkerSet set;
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyClient client;
  core::Root::Client root;
  core::Worker::Client runsOn;
  core::Worker::Client waitsOn;

  explicit Client(const char* path)
      : stream(io.lowLevelProvider->wrapSocketFd(connectTo(path), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP)),
        client(*stream), root(client.bootstrap().castAs<core::Root>()), runsOn(nullptr),
        waitsOn(set.add(kj::heap<WorkerServer>("waits"))) {
    auto meet = root.meetRequest();
    meet.setWorkers(kj::heap<WorkersServer>(set));
    auto make = meet.send().getWorkers().makeRequest();
    make.setName("runs");
    runsOn = make.send().getResult();  // Not waited for.
  }

  template <typename Request>
  Request on(Request request) {
    auto threads = request.initOn();
    threads.setRunsOn(runsOn);
    threads.setWaitsOn(waitsOn);
    return request;
  }
};

int cli(const char* path, const char* text) {
  Client client(path);
  auto rpc = client.on(client.root.rpcRequest()).send().getResult();
  auto request = client.on(rpc.runRequest());
  request.setRequest(text);
  request.setPath("/");
  request.setUser("core");
  std::cout << request.send().wait(client.io.waitScope).getResult().cStr() << std::endl;
  return 0;
}

void printFailure(const char* what, kj::Function<void()> run) {
  KJ_IF_MAYBE(exception, kj::runCatchingExceptions(kj::mv(run))) {
    std::cout << what << ": " << exception->getDescription().cStr() << std::endl;
  } else {
    std::cout << what << ": no failure" << std::endl;
  }
}

int miner(const char* path) {
  Client client(path);
  auto& scope = client.io.waitScope;
  auto echo = client.on(client.root.echoRequest()).send().getResult();
  auto say = client.on(echo.sayRequest());
  say.setText("hello");
  std::cout << "echo " << say.send().wait(scope).getResult().cStr() << std::endl;
  client.on(echo.endRequest()).send().wait(scope);
  printFailure("former", [&]() { client.root.formerRequest().send().wait(scope); });

  auto mining = client.on(client.root.miningRequest()).send().wait(scope).getResult();
  std::cout << "test " << client.on(mining.testChainRequest()).send().wait(scope).getResult() << std::endl;
  auto tip = client.on(mining.tipRequest()).send().wait(scope);
  std::cout << "tip " << tip.getIsThere() << " " << tip.getResult().getHeight() << " "
            << tip.getResult().getHash().size() << std::endl;

  // Ends by itself, without another tip.
  auto wait = client.on(mining.otherTipRequest());
  wait.setTip(tip.getResult().getHash());
  wait.setMilliseconds(10);
  std::cout << "same " << wait.send().wait(scope).getResult().getHeight() << std::endl;

  auto request = client.on(mining.templateRequest());
  request.setWaits(false);
  auto made = request.send().wait(scope);
  auto block = made.getResult();
  std::cout << "header " << client.on(block.headerRequest()).send().wait(scope).getResult().size() << std::endl;
  std::cout << "fees " << client.on(block.feesRequest()).send().wait(scope).getResult().size() << std::endl;
  std::cout << "operations " << client.on(block.operationsRequest()).send().wait(scope).getResult().size() << std::endl;
  std::cout << "path " << client.on(block.pathRequest()).send().wait(scope).getResult().size() << std::endl;
  auto coinbase = client.on(block.coinbaseRequest()).send().wait(scope);
  auto parts = coinbase.getResult();
  std::cout << "coinbase " << parts.getVersion() << " " << parts.getPrefix().size() << " " << parts.getWitness().size()
            << " " << parts.getReward() << " " << parts.getOutputs().size() << " " << parts.getLockTime() << std::endl;

  auto submit = client.on(block.submitRequest());
  auto refused = submit.send().wait(scope);
  std::cout << "submit " << refused.getResult() << std::endl;
  auto malformed = client.on(block.submitRequest());
  malformed.setCoinbase(kj::StringPtr("x").asBytes());
  printFailure("malformed", [&]() { malformed.send().wait(scope); });
  printFailure("formerSubmit", [&]() { client.on(block.formerSubmitRequest()).send().wait(scope); });
  auto small = client.on(mining.templateRequest());
  small.setWaits(false);
  small.initWhat().setWeight(0);
  printFailure("weight", [&]() { small.send().wait(scope); });

  auto whole = client.on(block.blockRequest()).send().wait(scope);
  auto check = client.on(mining.checkRequest());
  check.setBlock(whole.getResult());
  check.initHow().setWork(false);
  auto checked = check.send().wait(scope);
  std::cout << "check " << checked.getResult() << " " << checked.getReason().cStr() << std::endl;
  auto byId = client.on(mining.byIdRequest());
  byId.initIds(1).set(0, tip.getResult().getHash());
  auto unknown = byId.send().wait(scope);
  std::cout << "byId " << unknown.getResult().size() << " " << unknown.getResult()[0].size() << std::endl;

  // A wait for a template runs on its own thread at the server, so that the interruption comes through.
  auto next = client.on(block.nextRequest());
  auto waiting = next.send();
  block.interruptRequest().send().wait(scope);
  std::cout << "next " << waiting.wait(scope).hasResult() << std::endl;

  // A second wait is given up, and its thread is free again.
  { auto givenUp = client.on(block.nextRequest()).send(); }
  std::cout << "free " << client.on(mining.testChainRequest()).send().wait(scope).getResult() << std::endl;

  // A thread of this side.
  auto strange = mining.testChainRequest();
  strange.initOn().setRunsOn(client.waitsOn);
  printFailure("strange", [&]() { strange.send().wait(scope); });
  client.on(block.endRequest()).send().wait(scope);
  std::cout << "done" << std::endl;
  return 0;
}

int node(const char* path, bool hasRpc) {
  auto io = kj::setupAsyncIo();
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 5) != 0) {
    perror("bind");
    return 2;
  }

  WorkerSet set;
  capnp::TwoPartyServer server(kj::heap<RootServer>(set, hasRpc));
  auto receiver =
      io.lowLevelProvider->wrapListenSocketFd(listener, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  auto serving = server.listen(*receiver);
  auto input = io.lowLevelProvider->wrapInputFd(0);
  char end[1];
  std::cout << "listening" << std::endl;
  serving.exclusiveJoin(input->tryRead(end, 1, 1).ignoreResult()).wait(io.waitScope);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string mode = argc > 2 ? argv[1] : "";
  return mode == "cli" && argc > 3 ? cli(argv[2], argv[3])
      : mode == "miner" ? miner(argv[2])
      : mode == "node" || mode == "oldnode" ? node(argv[2], mode == "node")
      : 2;
}
