namespace Bitcoin.Interfaces;

/// <summary>Those of Bitcoin Core's error codes that this program uses.</summary>
public static class RpcErrorCode
{
    /// <summary>Wrong usage, or an error without a code of its own.</summary>
    public const int Misc = -1;

    /// <summary>A value has another type than the one expected.</summary>
    public const int Type = -3;

    /// <summary>The wallet cannot do what was asked.</summary>
    public const int Wallet = -4;

    /// <summary>An address, key or hash that is invalid or unknown.</summary>
    public const int InvalidAddressOrKey = -5;

    /// <summary>A value outside its range.</summary>
    public const int InvalidParameter = -8;

    /// <summary>A label that is not allowed.</summary>
    public const int WalletInvalidLabelName = -11;

    /// <summary>No wallet of this name is loaded.</summary>
    public const int WalletNotFound = -18;

    /// <summary>Several wallets are loaded, and none was named.</summary>
    public const int WalletNotSpecified = -19;

    /// <summary>Bytes that cannot be decoded.</summary>
    public const int Deserialization = -22;

    /// <summary>The node is still starting.</summary>
    public const int InWarmup = -28;

    /// <summary>The wallet is loaded already.</summary>
    public const int WalletAlreadyLoaded = -35;

    /// <summary>A wallet of this name exists already.</summary>
    public const int WalletAlreadyExists = -36;

    /// <summary>JSON, but not a valid request.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>There is no such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>An error in the node itself.</summary>
    public const int InternalError = -32603;

    /// <summary>Not JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>The balance is too low for the payment.</summary>
    public const int WalletInsufficientFunds = -6;

    /// <summary>There is no unused key left.</summary>
    public const int WalletKeypoolRanOut = -12;

    /// <summary>The wallet is locked.</summary>
    public const int WalletUnlockNeeded = -13;

    /// <summary>The passphrase is wrong.</summary>
    public const int WalletPassphraseIncorrect = -14;

    /// <summary>The wallet is encrypted and must not be, or the reverse.</summary>
    public const int WalletWrongEncryptionState = -15;

    /// <summary>The wallet cannot be encrypted.</summary>
    public const int WalletEncryptionFailed = -16;

    /// <summary>The method is deprecated.</summary>
    public const int MethodDeprecated = -32;
}
