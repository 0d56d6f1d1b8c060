namespace Multiprocess.CapnProto.Tests.Fuzz;

/// <summary>A short run of the fuzzer of calls, always over the same sessions.</summary>
public sealed class RpcFuzzTests
{
    private const int Sessions = 300;

    [Test]
    public async Task Nothing_is_left_of_a_session_whatever_its_messages_are()
    {
        var fuzz = new RpcFuzz();
        for (int seed = 0; seed < Sessions; seed++)
        {
            Assert.That(await fuzz.TryAsync(seed), Is.Null, $"Session {seed}");
        }

        // Both kinds must have come up, or the sessions are of no use.
        Assert.That((double)fuzz.Refused / fuzz.Sessions, Is.InRange(0.1, 0.95));
    }
}
