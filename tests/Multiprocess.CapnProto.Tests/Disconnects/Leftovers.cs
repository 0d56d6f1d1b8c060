using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>What a lost connection must not leave.</summary>
internal static class Leftovers
{
    /// <summary>Nothing of a connection's tables and threads is left.</summary>
    public static void AssertNone(CapnpConnection end, string when)
    {
        Until(() => end.Completion.IsCompleted, "the end is told", when);
        Until(() => end.State.Session.Workers + end.State.Session.Bindings == 0, "threads are gone", when);
        Assert.That(
            end.State.Exports.Count + end.State.Imports.Count + end.State.QuestionCount + end.State.Calls.Count
                + end.State.EmbargoCount,
            Is.Zero,
            $"the tables are empty, {when}");
    }

    /// <summary>Nothing runs, and nobody refers to an object. What was made for the peer is disposed once.</summary>
    public static void AssertReleased(Acts own, Acts callee, string when)
    {
        Until(() => own.Inside + callee.Inside == 0, "running methods have ended", when);
        Until(() => own.Made.Concat(callee.Made).All(made => !IsInUse(made)), "nobody refers to an object", when);
        Until(() => callee.Made.All(made => made.Disposals >= 1), "what was made is disposed", when);
        Assert.That(
            callee.Made.Select(made => made.Disposals), Is.All.EqualTo(1), $"nothing is disposed twice, {when}");
        Assert.That(own.Made.Select(made => made.Disposals), Is.All.Zero, $"arguments stay their owner's, {when}");
    }

    public static void Until(Func<bool> condition, string expected, string when)
        => Assert.That(
            SpinWait.SpinUntil(condition, PeerCalls.Bound), Is.True, $"Expected in time: {expected}, {when}.");

    private static bool IsInUse(IThing made) => LocalCapability.IsInUse(CapnpContract.Serve(made));
}
