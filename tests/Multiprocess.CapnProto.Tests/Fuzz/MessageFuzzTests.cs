namespace Multiprocess.CapnProto.Tests.Fuzz;

/// <summary>A short run of the fuzzer, always over the same inputs.</summary>
public sealed class MessageFuzzTests
{
    [Test]
    public void Every_input_is_refused_or_is_a_value_that_can_be_written_again()
    {
        var fuzz = new MessageFuzz(seed: 22);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.That(fuzz.TryNext(), Is.Null, $"Input {i}");
        }

        // Both kinds must have come up, or the inputs are of no use.
        Assert.That((double)fuzz.Refused / fuzz.Inputs, Is.InRange(0.1, 0.9));
    }
}
