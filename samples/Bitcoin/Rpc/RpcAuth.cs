using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Bitcoin.Rpc;

/// <summary>
/// A user of JSON-RPC of whom only a password hash is known: a value of -rpcauth, "user:salt$hash".
/// </summary>
public sealed class RpcAuth
{
    private readonly string _user;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private RpcAuth(string user, string salt, string hash)
    {
        _user = user;
        _salt = Encoding.UTF8.GetBytes(salt);
        _hash = Encoding.UTF8.GetBytes(hash);
    }

    /// <summary>Parses a value of -rpcauth.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RpcAuth? auth)
    {
        auth = text.Split(':') is [string user, string secret] && secret.Split('$') is [string salt, string hash]
            ? new RpcAuth(user, salt, hash)
            : null;
        return auth is not null;
    }

    /// <summary>Whether user and password are right. The time that it takes reveals neither.</summary>
    /// <param name="credentials">User and password, separated by a colon, as they came.</param>
    public bool Matches(ReadOnlySpan<byte> credentials)
    {
        int colon = credentials.IndexOf((byte)':');
        bool isUser = CryptographicOperations.FixedTimeEquals(
            colon < 0 ? credentials : credentials[..colon], Encoding.UTF8.GetBytes(_user));
        byte[] hash = HMACSHA256.HashData(_salt, colon < 0 ? [] : credentials[(colon + 1)..]);
        bool isPassword = CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Convert.ToHexStringLower(hash)), _hash);
        return isUser & isPassword & colon >= 0;
    }
}
