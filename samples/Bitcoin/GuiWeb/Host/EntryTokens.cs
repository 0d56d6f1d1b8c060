using System.Security.Cryptography;
using System.Text;

namespace Bitcoin.GuiWeb.Host;

/// <summary>
/// What lets a browser in: a token in an address, good for one time, and then a cookie that holds until the program
/// ends. Both have 256 random bits. Any thread may call.
/// </summary>
internal sealed class EntryTokens
{
    private const int Bytes = 32;

    private readonly Lock _gate = new();

    // Under the gate; null while the last one is spent.
    private byte[]? _token;

    /// <summary>The cookie's value.</summary>
    internal string Cookie { get; } = Text(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>A new token; one that was not used is good no longer.</summary>
    internal string Next()
    {
        string token = Text(RandomNumberGenerator.GetBytes(Bytes));
        lock (_gate)
        {
            _token = Encoding.UTF8.GetBytes(token);
        }

        return token;
    }

    /// <summary>Whether this is the token; then it is spent.</summary>
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

    // What differs is not told by the time that it takes.
    private static bool Same(byte[] expected, string given)
        => CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(given));

    private static string Text(byte[] random) => Convert.ToHexStringLower(random);
}
