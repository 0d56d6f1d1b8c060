using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Multiprocess.Serialization;

namespace Multiprocess.Generator.Tests.Behaviour;

public sealed record Login(string User, [property: IpcSensitive] string Password);

/// <summary>Repeats the value in the text of its exception, as careless code does.</summary>
public sealed class TellingConverter : IIpcConverter<Login>
{
    public static void Write(ref MessagePackWriter writer, Login value)
        => throw new FormatException($"cannot write {value.Password}");

    public static Login Read(ref MessagePackReader reader) => throw new FormatException();
}

[IpcFault]
public sealed class LockedException(string message, string user) : Exception(message)
{
    public string User { get; } = user;

    [IpcSensitive]
    public string? Password { get; init; }
}

[IpcInterface]
public interface IVault
{
    string Open(string user, [IpcSensitive] string password);

    [return: IpcSensitive]
    string Reveal(Login login);

    int Count([IpcSensitive] ReadOnlySpan<byte> key);

    SecretString? Rotate(SecretString? secret);

    Task<SecretString> RotateAsync(SecretString secret);

    void Tell([IpcSensitive, IpcConverter(typeof(TellingConverter))] Login login);

    void Lock(string user);
}

internal sealed class Vault : IVault
{
    public string Open(string user, string password) => user + password.Length;

    public string Reveal(Login login) => login.Password;

    public int Count(ReadOnlySpan<byte> key) => key.Length;

    public SecretString? Rotate(SecretString? secret)
        => secret is null ? null : new SecretString(string.Concat(secret.Reveal(), "2"));

    public Task<SecretString> RotateAsync(SecretString secret) => Task.FromResult(Rotate(secret)!);

    public void Tell(Login login)
    {
    }

    public void Lock(string user) => throw new LockedException("locked for " + user, user)
    {
        Password = "hunter2-locked",
    };
}

/// <summary>Secrets cross, and are seen by nobody else: every log is on.</summary>
[CancelAfter(30_000)]
public sealed class SensitiveTests
{
    private const string Secret = "hunter2";

    private readonly Recorder _log = new();
    private readonly IpcTestPair<IVault> _pair;

    public SensitiveTests()
    {
        var options = new IpcConnectionOptions { LoggerFactory = _log };
        _pair = IpcTestPair.Create<IVault>(new Vault(), new IpcTestPairOptions { Client = options, Server = options });
    }

    private IVault Root => _pair.Root;

    [OneTimeTearDown]
    public void End() => _pair.Dispose();

    [TearDown]
    public void No_log_has_shown_the_secret()
    {
        Assert.That(_log.Lines, Is.Not.Empty);
        Assert.That(_log.Lines.Where(line => line.Contains(Secret, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Parameters_results_and_members_cross_unseen()
    {
        Assert.That(Root.Open("ada", Secret), Is.EqualTo("ada7"));
        Assert.That(Root.Reveal(new Login("ada", Secret)), Is.EqualTo(Secret));
        Assert.That(Root.Count("hunter2"u8), Is.EqualTo(7));
    }

    [Test]
    public void What_is_not_marked_is_shown_so_that_the_test_means_something()
    {
        Root.Open("somebody", Secret);
        Assert.That(() => Root.Lock("visible-user"), Throws.InstanceOf<LockedException>());

        Assert.That(_log.Lines.Any(line => line.Contains("visible-user", StringComparison.Ordinal)), Is.True);
    }

    [Test]
    public async Task Secret_string_arrives_as_one_of_its_own()
    {
        using var secret = new SecretString(Secret);
        using var rotated = Root.Rotate(secret)!;
        using var again = await Root.RotateAsync(rotated);

        Assert.That(rotated.Reveal().ToString(), Is.EqualTo("hunter22"));
        Assert.That(again.Reveal().ToString(), Is.EqualTo("hunter222"));
        Assert.That(rotated.ToString(), Is.EqualTo("(secret)"));
        Assert.That(Root.Rotate(null), Is.Null);
    }

    [Test]
    public void Disposed_secret_is_gone_and_cannot_be_sent()
    {
        var secret = new SecretString(Secret);
        using var same = new SecretString(Secret);
        Assert.That(secret.HasSameText(same), Is.True);

        secret.Dispose();

        Assert.That(() => secret.Length, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => Root.Rotate(secret), Throws.InstanceOf<IpcException>());
    }

    [Test]
    public void Exception_of_a_sensitive_value_does_not_repeat_it()
    {
        var thrown = Assert.Throws<IpcException>(() => Root.Tell(new Login("ada", Secret)))!;

        Assert.That(thrown.ToString(), Does.Not.Contain(Secret).And.Contains("login"));
    }

    [Test]
    public void Sensitive_member_of_an_exception_does_not_cross()
    {
        var thrown = Assert.Throws<LockedException>(() => Root.Lock("ada"))!;

        Assert.That((thrown.User, thrown.Password), Is.EqualTo(("ada", (string?)null)));
    }

    private sealed class Recorder : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
            => Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
