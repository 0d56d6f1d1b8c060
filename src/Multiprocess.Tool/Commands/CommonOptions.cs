using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary>What all verbs share: options, addresses, and how they report failures.</summary>
internal sealed class CommonOptions
{
    /// <summary>The option before the arguments of a call, when they are JSON.</summary>
    public const string ArgumentsName = "--arguments";

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Writes JSON, one value a line, for programs.",
    };
    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Seconds to wait for a server's Hello.",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "This side's certificate for a tcp: address: a PKCS #12 file without a password.",
    };
    private readonly Option<string?> _pin = new("--pin")
    {
        Description = "The SHA-256 fingerprint of the server's certificate, for a tcp: address.",
    };

    /// <summary>The server's address.</summary>
    public Argument<string> Address { get; } = new("address")
    {
        Description = "Where the server listens: unix:PATH, PATH or tcp:HOST:PORT.",
    };

    /// <summary>Adds the options of a verb that prints something.</summary>
    public Command AddTo(Command command, bool connects = true)
    {
        command.Options.Add(_json);
        if (connects)
        {
            command.Options.Add(_timeout);
            command.Options.Add(_certificate);
            command.Options.Add(_pin);
        }

        return command;
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public IpcAddress AddressOf(ParseResult parsed) => ParseAddress(parsed.GetValue(Address)!);

    /// <summary>Reads an address. A path is the address of a Unix socket.</summary>
    /// <exception cref="InputException">The text is not an address to which a client can connect.</exception>
    public static IpcAddress ParseAddress(string text)
    {
        try
        {
            IpcAddress address = text.Contains('/', StringComparison.Ordinal)
                && !text.Contains(':', StringComparison.Ordinal)
                ? IpcAddress.Unix(text)
                : IpcAddress.Parse(text);
            return address.Kind is IpcAddressKind.Tcp || address is { Kind: IpcAddressKind.Unix, Path: not null }
                ? address
                : throw new InputException($"Address '{IpcText.Escape(text)}': Expected unix:PATH or tcp:HOST:PORT.");
        }
        catch (FormatException exception)
        {
            throw new InputException($"Address '{IpcText.Escape(text)}': {exception.Message}", exception);
        }
    }

    /// <summary>The options for connecting.</summary>
    public IpcConnectionOptions ConnectionOptions(ParseResult parsed)
    {
        double seconds = parsed.GetValue(_timeout);
        if (!(seconds > 0 && seconds <= 86_400))
        {
            throw new InputException(
                string.Create(
                    CultureInfo.InvariantCulture, $"--timeout: Expected from 0 to 86,400 seconds, got {seconds}."));
        }

        return new IpcConnectionOptions
        {
            ConnectTimeout = TimeSpan.FromSeconds(seconds),
            Tls = Tls(parsed.GetValue(_certificate), parsed.GetValue(_pin)),
        };
    }

    /// <summary>Runs a verb. Reports a failure, and returns the exit code for it.</summary>
    public static int Guard(ToolConsole console, bool isJson, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (CodeOf(exception) is { } code)
        {
            if (isJson && exception is RemoteCallException { Error: { } remote })
            {
                console.Json(new System.Text.Json.Nodes.JsonObject { ["error"] = remote.ToJson() });
            }
            else
            {
                string text = exception is RemoteCallException { Error: { } error } ? Tell(error) : exception.Message;
                console.Errors.WriteLine(IpcText.EscapeLines(text));
            }

            return code;
        }
    }

    /// <summary>Like <see cref="Guard"/>, but on another thread than the one that handles Ctrl-C.</summary>
    public static Task<int> GuardAsync(ToolConsole console, bool isJson, Func<int> run)
        => Task.Run(() => Guard(console, isJson, run));

    private static string Tell(RemoteError error)
    {
        var text = new System.Text.StringBuilder();
        for (RemoteError? current = error; current is not null; current = current.Inner)
        {
            text
                .Append(text.Length == 0 ? "" : "\n  because of ")
                .Append(current.Type)
                .Append(": ")
                .Append(current.Text);
            if (current.Kind != IpcErrorKind.Remote && current == error)
            {
                text.Append(" (").Append(current.Kind).Append(')');
            }
        }

        return text.ToString();
    }

    private static int? CodeOf(Exception exception) => exception switch
    {
        InputException => ExitCode.Usage,
        FormatException => ExitCode.Usage,
        RemoteCallException => ExitCode.No,
        OperationCanceledException => ExitCode.Cancelled,
        NoServerException => ExitCode.NotThere,
        IpcException => ExitCode.Lost,
        IOException or UnauthorizedAccessException => ExitCode.Usage,
        _ => null,
    };

    private static IpcTlsOptions? Tls(string? certificate, string? pin)
    {
        if (certificate is null && pin is null)
        {
            return null;
        }

        if (certificate is null || pin is null)
        {
            throw new InputException("A tcp: address: Expected --certificate and --pin, got one of them.");
        }

        X509Certificate2 own;
        try
        {
            own = X509CertificateLoader.LoadPkcs12FromFile(certificate, null);
        }
        catch (Exception exception) when (exception is System.Security.Cryptography.CryptographicException
            or IOException
            or UnauthorizedAccessException
            or ArgumentException)
        {
            throw new InputException($"--certificate {IpcText.Escape(certificate)}: {exception.Message}", exception);
        }

        try
        {
            return new IpcTlsOptions { Certificate = own, PinnedFingerprints = [pin] };
        }
        catch (FormatException exception)
        {
            throw new InputException($"--pin: {exception.Message}", exception);
        }
    }
}
