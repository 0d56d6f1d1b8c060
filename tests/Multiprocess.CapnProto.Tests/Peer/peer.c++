// A peer in C++, for the tests: "peer server PATH" serves on a Unix socket until its standard input ends, "peer client
// PATH" calls every method of such a server and says what it saw, line by line, and "peer measure PATH" says how many
// microseconds a call of two numbers takes, each time its standard input has a line.
#include "peer.capnp.c++"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <chrono>
#include <iostream>
#include <list>
#include <string>
#include <vector>

namespace {

int liveCounters = 0;
int cancelledCalls = 0;

class CounterServer final : public Counter::Server {
 public:
  explicit CounterServer(int value) : value(value) { liveCounters++; }
  ~CounterServer() { liveCounters--; }

  kj::Promise<void> next(NextContext context) override {
    context.getResults().setValue(value++);
    return kj::READY_NOW;
  }

 private:
  int value;
};

class PeerServer final : public Peer::Server {
 public:
  kj::Promise<void> add(AddContext context) override {
    auto params = context.getParams();
    context.getResults().setSum(params.getA() + params.getB());
    return kj::READY_NOW;
  }

  kj::Promise<void> echo(EchoContext context) override {
    auto results = context.getResults();
    results.setText(context.getParams().getText());
    results.setData(context.getParams().getData());
    return kj::READY_NOW;
  }

  kj::Promise<void> fail(FailContext context) override {
    auto params = context.getParams();
    kj::throwFatalException(kj::Exception(static_cast<kj::Exception::Type>(params.getType()), __FILE__, __LINE__,
                                          kj::str(params.getReason())));
    return kj::READY_NOW;
  }

  kj::Promise<void> makeCounter(MakeCounterContext context) override {
    Counter::Client counter = kj::heap<CounterServer>(context.getParams().getStart());
    auto results = context.getResults();
    results.initBox().setCounter(counter);
    results.setCounter(kj::mv(counter));
    return kj::READY_NOW;
  }

  kj::Promise<void> callBack(CallBackContext context) override {
    return callAgain(context.getParams().getCallback(), context.getParams().getTimes(), 0, context);
  }

  kj::Promise<void> keep(KeepContext context) override {
    if (context.getParams().hasCallback()) {
      kept = context.getParams().getCallback();
    } else {
      kept = nullptr;
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> callKept(CallKeptContext context) override {
    auto request = KJ_REQUIRE_NONNULL(kept).callRequest();
    request.setValue(context.getParams().getValue());
    return request.send().then([context](auto&& response) mutable {
      context.getResults().setResult(response.getResult());
    });
  }

  kj::Promise<void> liveCounters(LiveCountersContext context) override {
    context.getResults().setCount(::liveCounters);
    return kj::READY_NOW;
  }

  kj::Promise<void> echoCapability(EchoCapabilityContext context) override {
    context.getResults().setCallback(context.getParams().getCallback());
    return kj::READY_NOW;
  }

  kj::Promise<void> never(NeverContext context) override {
    context.allowCancellation();
    return kj::Promise<void>(kj::NEVER_DONE).attach(kj::defer([]() { cancelledCalls++; }));
  }

  kj::Promise<void> cancelled(CancelledContext context) override {
    context.getResults().setCount(cancelledCalls);
    return kj::READY_NOW;
  }

  kj::Promise<void> promise(PromiseContext context) override {
    auto pair = kj::newPromiseAndFulfiller<Callback::Client>();
    promised = kj::mv(pair.fulfiller);
    context.getResults().setCallback(kj::mv(pair.promise));
    return kj::READY_NOW;
  }

  kj::Promise<void> keepPromise(KeepPromiseContext context) override {
    promised->fulfill(context.getParams().getCallback());
    return kj::READY_NOW;
  }

  kj::Promise<void> breakPromise(BreakPromiseContext context) override {
    promised->reject(kj::Exception(kj::Exception::Type::FAILED, __FILE__, __LINE__,
                                   kj::str(context.getParams().getReason())));
    return kj::READY_NOW;
  }

 private:
  kj::Promise<void> callAgain(Callback::Client callback, int times, int sum, CallBackContext context) {
    if (times == 0) {
      context.getResults().setSum(sum);
      return kj::READY_NOW;
    }
    auto request = callback.callRequest();
    request.setValue(times);
    return request.send().then([this, callback, times, sum, context](auto&& response) mutable {
      return callAgain(kj::mv(callback), times - 1, sum + response.getResult(), context);
    });
  }

  kj::Maybe<Callback::Client> kept;
  kj::Own<kj::PromiseFulfiller<Callback::Client>> promised;
};

class Doubler final : public Callback::Server {
 public:
  explicit Doubler(std::vector<int>& seen) : seen(seen) {}

  kj::Promise<void> call(CallContext context) override {
    seen.push_back(context.getParams().getValue());
    context.getResults().setResult(2 * context.getParams().getValue());
    return kj::READY_NOW;
  }

 private:
  std::vector<int>& seen;
};

std::string join(const std::vector<int>& values) {
  std::string text;
  for (int value : values) {
    text += (text.empty() ? "" : " ") + std::to_string(value);
  }
  return text;
}

int add(Peer::Client& peer, kj::WaitScope& scope) {
  auto request = peer.addRequest();
  request.setA(1);
  request.setB(2);
  return request.send().wait(scope).getSum();
}

auto callOf(Callback::Client& callback, int value) {
  auto request = callback.callRequest();
  request.setValue(value);
  return request.send();
}

// Calls through a promise that turns out to be this side's own object, then on the object: in the order in which they were
// made.
void callInOrder(Callback::Client callback, std::vector<int>& seen, kj::Promise<void> resolved, kj::WaitScope& scope) {
  std::list<kj::Promise<void>> calls;
  for (int i = 0; i < 3; i++) {
    calls.push_back(callOf(callback, i).ignoreResult());
  }
  resolved.wait(scope);
  for (int i = 3; i < 6; i++) {
    calls.push_back(callOf(callback, i).ignoreResult());
  }
  for (auto& call : calls) {
    call.wait(scope);
  }
  std::cout << "order " << join(seen) << std::endl;
}

// One number for each call, so that the caller takes the median of all turns.
void measure(Peer::Client peer, kj::WaitScope& scope) {
  std::string count;
  while (std::getline(std::cin, count)) {
    for (int left = std::stoi(count); left > 0; left--) {
      auto start = std::chrono::steady_clock::now();
      add(peer, scope);
      std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
      std::cout << taken.count() << '\n';
    }
    std::cout << std::flush;
  }
}

void runClient(Peer::Client peer, kj::WaitScope& scope) {
  std::cout << "add " << add(peer, scope) << std::endl;

  {
    auto request = peer.echoRequest();
    request.setText("gr\xc3\xbc\xc3\x9f");
    auto data = request.initData(1000000);
    for (size_t i = 0; i < data.size(); i++) {
      data[i] = i * 7;
    }
    auto response = request.send().wait(scope);
    auto returned = response.getData();
    bool same = returned.size() == 1000000;
    for (size_t i = 0; same && i < returned.size(); i++) {
      same = returned[i] == static_cast<kj::byte>(i * 7);
    }
    std::cout << "echo " << response.getText().cStr() << " " << same << std::endl;
  }

  for (int type = 0; type < 4; type++) {
    auto request = peer.failRequest();
    request.setType(type);
    request.setReason(kj::str("reason ", type));
    kj::Maybe<kj::Exception> failure = kj::runCatchingExceptions([&]() { request.send().wait(scope); });
    auto& exception = KJ_REQUIRE_NONNULL(failure);
    std::cout << "fail " << static_cast<int>(exception.getType()) << " "
              << exception.getDescription().cStr() << std::endl;
  }

  {
    // Pipelined: no answer is waited for before the last call is sent.
    auto request = peer.makeCounterRequest();
    request.setStart(10);
    auto made = request.send();
    auto first = made.getCounter().nextRequest().send();
    auto second = made.getBox().getCounter().nextRequest().send();
    std::cout << "counter " << first.wait(scope).getValue() << " " << second.wait(scope).getValue() << std::endl;
    auto response = made.wait(scope);
    std::cout << "live " << peer.liveCountersRequest().send().wait(scope).getCount() << std::endl;
    std::cout << "counter " << response.getCounter().nextRequest().send().wait(scope).getValue() << std::endl;
  }
  int live = 1;
  for (int i = 0; i < 1000 && live != 0; i++) {
    live = peer.liveCountersRequest().send().wait(scope).getCount();
  }
  std::cout << "live " << live << std::endl;

  {
    std::vector<int> seen;
    auto request = peer.callBackRequest();
    request.setCallback(kj::heap<Doubler>(seen));
    request.setTimes(3);
    std::cout << "callBack " << request.send().wait(scope).getSum() << " of " << join(seen) << std::endl;
  }

  {
    std::vector<int> seen;
    auto keep = peer.keepRequest();
    keep.setCallback(kj::heap<Doubler>(seen));
    keep.send().wait(scope);
    auto call = peer.callKeptRequest();
    call.setValue(21);
    std::cout << "callKept " << call.send().wait(scope).getResult() << std::endl;
    peer.keepRequest().send().wait(scope);
  }

  {
    std::vector<int> seen;
    auto request = peer.echoCapabilityRequest();
    request.setCallback(kj::heap<Doubler>(seen));
    auto answer = request.send();
    auto callback = answer.getCallback();
    callInOrder(callback, seen, answer.ignoreResult(), scope);
  }

  {
    std::vector<int> seen;
    auto answer = peer.promiseRequest().send();
    auto callback = answer.getCallback();
    answer.wait(scope);
    auto early = callOf(callback, -1);
    auto keep = peer.keepPromiseRequest();
    keep.setCallback(kj::heap<Doubler>(seen));
    auto kept = keep.send();
    callInOrder(callback, seen, callback.whenResolved(), scope);
    kept.wait(scope);
    std::cout << "early " << early.wait(scope).getResult() << std::endl;
  }

  {
    auto answer = peer.promiseRequest().send();
    auto callback = answer.wait(scope).getCallback();
    auto call = callOf(callback, 1);
    auto request = peer.breakPromiseRequest();
    request.setReason("changed my mind");
    request.send().wait(scope);
    kj::Maybe<kj::Exception> failure = kj::runCatchingExceptions([&]() { call.wait(scope); });
    std::cout << "broken " << KJ_REQUIRE_NONNULL(failure).getDescription().cStr() << std::endl;
  }

  {
    auto dropped = peer.neverRequest().send();
    add(peer, scope);  // Behind the other call, which thus has begun.
  }
  int cancelled = 0;
  for (int i = 0; i < 10000 && cancelled == 0; i++) {
    cancelled = peer.cancelledRequest().send().wait(scope).getCount();
  }
  std::cout << "cancelled " << cancelled << std::endl;
  std::cout << "done" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  std::string mode = argc == 3 ? argv[1] : "";
  auto io = kj::setupAsyncIo();
  if (mode == "server") {
    auto address = io.provider->getNetwork().parseAddress(kj::str("unix:", argv[2])).wait(io.waitScope);
    auto listener = address->listen();
    capnp::TwoPartyServer server(kj::heap<PeerServer>());
    auto listening = server.listen(*listener);
    std::cout << "listening" << std::endl;
    auto input = io.lowLevelProvider->wrapInputFd(0);
    char byte;
    input->tryRead(&byte, 1, 1).ignoreResult().exclusiveJoin(kj::mv(listening)).wait(io.waitScope);
    return 0;
  }
  if (mode == "client") {
    auto address = io.provider->getNetwork().parseAddress(kj::str("unix:", argv[2])).wait(io.waitScope);
    auto stream = address->connect().wait(io.waitScope);
    capnp::TwoPartyClient client(*stream);
    runClient(client.bootstrap().castAs<Peer>(), io.waitScope);
    return 0;
  }
  if (mode == "measure") {
    auto address = io.provider->getNetwork().parseAddress(kj::str("unix:", argv[2])).wait(io.waitScope);
    auto stream = address->connect().wait(io.waitScope);
    capnp::TwoPartyClient client(*stream);
    measure(client.bootstrap().castAs<Peer>(), io.waitScope);
    return 0;
  }
  std::cerr << "usage: peer server|client|measure PATH" << std::endl;
  return 2;
}
