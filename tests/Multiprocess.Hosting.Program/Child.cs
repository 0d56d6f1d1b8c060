using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Tests;

/// <summary>The child of the tests.</summary>
internal sealed class Child(
    IConfiguration configuration,
    ILoggerFactory loggers,
    IHostApplicationLifetime lifetime,
    Ending ending,
    IpcConnection connection) : IChild
{
    private readonly ILogger _logger = loggers.CreateLogger("Tests.Child");

    public event Action<int>? Happened;

    public int ProcessId => Environment.ProcessId;

    public int Add(int a, int b) => connection.Closed.IsCancellationRequested ? 0 : a + b;

    public string? Setting(string key) => configuration[key];

    public void Raise(int value) => Happened?.Invoke(value);

    public void LogWhole()
    {
        using (_logger.BeginScope("outer"))
        using (_logger.BeginScope("inner {Number} {Name}", 7, "seven"))
        {
            try
            {
                throw new InvalidOperationException("It went wrong.", new FormatException("Deep inside."));
            }
            catch (InvalidOperationException exception)
            {
                _logger.Log(
                    LogLevel.Error,
                    new EventId(42, "Whole"),
                    exception,
                    "Answer {Answer} of {Who}\n\u001b[31m",
                    42,
                    "child");
            }
        }
    }

    public void LogMany(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _logger.LogInformation("Number {Number}", i);
        }
    }

    public void LogCategories(int count)
    {
        for (int i = 0; i < count; i++)
        {
            loggers.CreateLogger(
                string.Create(
                    CultureInfo.InvariantCulture, $"Tests.Category{i}")).LogInformation("Category {Number}", i);
        }
    }

    public void LogLong(int characters) => _logger.LogInformation("{Text}", new string('x', characters));

    public void Print(string line, bool toError) => (toError ? Console.Error : Console.Out).WriteLine(line);

    public void LogAtTheEnd(int count) => ending.Count = count;

    public void HangAtTheEnd() => ending.Hangs = true;

    public void Exit(int code) => Environment.Exit(code);

    public void StopHost() => lifetime.StopApplication();

    public async Task<string> WaitAsync(CancellationToken cancellationToken = default)
    {
        _logger.LogInformation("Waiting");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }

        return "cancelled";
    }
}
