namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>When converters run, and what becomes of those that do it wrong.</summary>
[CancelAfter(30_000)]
public sealed class ConverterProxyTests
{
    private readonly IpcTestPair<IConverting> _pair = IpcTestPair.Create<IConverting>(new Converting());

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [Test]
    public async Task Converter_of_a_place_holds_there_alone()
    {
        Assert.That(_pair.Root.Negate(3), Is.EqualTo(-3));
        Assert.That(await _pair.Root.NegateAsync(3), Is.EqualTo(-3));
    }

    [Test]
    public void Null_is_refused_before_the_converter_sees_it()
    {
        Assert.That(() => _pair.Root.Join(null!, null), Throws.ArgumentNullException);
    }

    [Test]
    public void Converter_that_reads_too_little_fails_the_call_and_nothing_else()
    {
        Assert.That(
            () => _pair.Root.Forget(Guid.NewGuid()),
            Throws.InstanceOf<IpcException>().With.Property("Kind")
                .EqualTo(IpcErrorKind.ArgumentNotDecoded).And.Message.Contains("ForgetfulConverter"));
        Assert.That(_pair.Root.Negate(1), Is.EqualTo(-1), "the connection lives on");
    }
}
