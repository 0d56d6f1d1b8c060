using System.Security.Cryptography;
using System.Text;

namespace Bitcoin.GuiWeb.Host;

/// <summary>
/// The secrets that let a browser in: a token in an address, which works once, and then a cookie, which works until the
/// program ends. Both have 256 random bits. Thread-safe.
/// </summary>
internal sealed class EntryTokens
{
    private const int Bytes = 32;

    private readonly Lock _gate = new();

    // Guarded by the gate; null after the last token was used.
    private byte[]? _token;

    /// <summary>The cookie's value.</summary>
    internal string Cookie { get; } = Text(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Creates a new token. An unused older token becomes invalid.</summary>
    internal string Next()
    {
        string token = Text(RandomNumberGenerator.GetBytes(Bytes));
        lock (_gate)
        {
            _token = Encoding.UTF8.GetBytes(token);
        }

        return token;
    }

    /// <summary>Whether this is the token. If so, it becomes invalid.</summary>
    internal bool Spend(string? token)
    {
        lock (_gate)
        {
            if (_token is null || token is null || !Same(_token, token))
            {
                return false;
            }

            _token = null;
            return true;
        }
    }

    /// <summary>Whether this is the cookie.</summary>
    internal bool IsCookie(string? value) => value is not null && Same(Encoding.UTF8.GetBytes(Cookie), value);

    // The time of the comparison does not reveal where the texts differ.
    private static bool Same(byte[] expected, string given)
        => CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(given));

    private static string Text(byte[] random) => Convert.ToHexStringLower(random);
}
