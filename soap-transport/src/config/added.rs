//! The options of one transport each: `[server.http]`, `[client.tcp]`, `[server.udp]`.

#[cfg(feature = "http")]
mod http {
    use soap_core::{Options, transport::TransportError};

    use crate::{
        config::{
            fields::{ANY, CLIENT, Field, Side},
            kind::{Count, Credentials, Kind, Switch, Texts},
            section::OptionTable,
        },
        http::HttpOptions,
    };

    impl OptionTable for HttpOptions {
        const NAME: &'static str = "http";
        const SIDES: &'static [Side] = ANY;
        const FIELDS: &'static [Field<Self>] = HTTP;
        const ADDED: bool = true;

        fn get(options: &Options) -> Self {
            options.get().cloned().unwrap_or_default()
        }

        fn put(self, options: &mut Options) {
            *options = options.clone().with(self);
        }

        fn check_for(&self, side: Side) -> Result<(), TransportError> {
            self.fields()?;
            match side {
                Side::Client => self.check(),
                Side::Server | Side::Binding => self.check_server(),
            }
        }
    }

    static HTTP: &[Field<HttpOptions>] = &[
        field!(gzip: gzip, Switch, ANY),
        field!(redirects: redirects, Count<u8>, CLIENT),
        Field {
            key: "headers",
            sides: CLIENT,
            read: |node, http| {
                for (name, value) in Texts::read(node)? {
                    *http = http.clone().header(name, value);
                }
                Ok(())
            },
            show: |http| Texts::show(&http.headers),
        },
        Field {
            key: "basic_auth",
            sides: CLIENT,
            read: |node, http| {
                if let Some((user, password)) = Credentials::read(node)? {
                    *http = http.clone().basic_auth(&user, &password);
                }
                Ok(())
            },
            // It is one of the headers by now.
            show: |http| match http.headers.first() {
                Some((name, _)) => name.clone(),
                None => Credentials::show(&None),
            },
        },
        field!(pool_idle_per_host: pool_per_host, Count<usize>, CLIENT),
        field!(pool_idle: pool_total, Count<usize>, CLIENT),
    ];

    #[test]
    fn every_option_is_listed() {
        // Does not compile when there is another one.
        let HttpOptions {
            gzip: _,
            redirects: _,
            pool_per_host: _,
            pool_total: _,
            headers: _,
        } = HttpOptions::new();
        assert_eq!(HTTP.len(), 6);
    }
}

#[cfg(feature = "tcp")]
mod tcp {
    use soap_core::{Options, transport::TransportError};

    use crate::{
        config::{
            fields::{CLIENT, Field, Side},
            kind::{Count, Kind},
            section::OptionTable,
        },
        tcp::TcpOptions,
    };

    impl OptionTable for TcpOptions {
        const NAME: &'static str = "tcp";
        const SIDES: &'static [Side] = CLIENT;
        const FIELDS: &'static [Field<Self>] = TCP;
        const ADDED: bool = true;

        fn get(options: &Options) -> Self {
            options.get().cloned().unwrap_or_default()
        }

        fn put(self, options: &mut Options) {
            *options = options.clone().with(self);
        }

        fn check_scheme(&self, scheme: &str) -> Result<(), TransportError> {
            match self.pipeline > 1 && scheme == "tcp" {
                true => Err(TransportError::config(
                    "only 1: a connection of tcp carries one exchange; soap.tcp takes more",
                )),
                false => Ok(()),
            }
        }
    }

    static TCP: &[Field<TcpOptions>] = &[
        field!(pipeline: pipeline, Count<usize, 1, { TcpOptions::MOST_PIPELINED as i64 }>, CLIENT),
        field!(pool_idle_per_host: pool_per_host, Count<usize>, CLIENT),
        field!(pool_idle: pool_total, Count<usize>, CLIENT),
    ];

    #[test]
    fn every_option_is_listed() {
        // Does not compile when there is another one.
        let TcpOptions {
            pipeline: _,
            pool_per_host: _,
            pool_total: _,
        } = TcpOptions::new();
        assert_eq!(TCP.len(), 3);
    }
}

#[cfg(feature = "udp")]
mod udp {
    use soap_core::{Options, transport::TransportError};

    use crate::{
        config::{
            fields::{ANY, BINDING, CLIENT, Field, Side},
            kind::{Address, Count, Kind, Positive, Several, Size, Switch, Text, Time},
            section::OptionTable,
        },
        udp::{UdpOptions, check},
    };

    impl OptionTable for UdpOptions {
        const NAME: &'static str = "udp";
        const SIDES: &'static [Side] = ANY;
        const FIELDS: &'static [Field<Self>] = UDP;
        const ADDED: bool = true;

        fn get(options: &Options) -> Self {
            options.get().cloned().unwrap_or_default()
        }

        fn put(self, options: &mut Options) {
            *options = options.clone().with(self);
        }

        fn check_for(&self, _: Side) -> Result<(), TransportError> {
            check::each(self)
        }

        fn check_together(&self) -> Result<(), (&'static [&'static str], TransportError)> {
            check::together(self).map_err(|error| (check::DELAYS, error))
        }
    }

    static UDP: &[Field<UdpOptions>] = &[
        field!(unicast_repeat: unicast_repeat, Count<u32, 0, MOST_REPEATS>, ANY),
        field!(multicast_repeat: multicast_repeat, Count<u32, 0, MOST_REPEATS>, CLIENT),
        field!(min_delay: min_delay, Time, ANY),
        field!(max_delay: max_delay, Time, ANY),
        field!(upper_delay: upper_delay, Time, ANY),
        field!(answer: answer, Positive<Time>, CLIENT),
        field!(repeat_unaddressed: repeat_unaddressed, Switch, CLIENT),
        field!(datagram: datagram, Size, ANY),
        field!(groups: groups, Several<Address>, BINDING),
        field!(interfaces: interfaces, Several<Text>, ANY),
        field!(hops: hops, Count<u32, 0, 255>, CLIENT),
        field!(multicast_loop: multicast_loop, Switch, CLIENT),
        field!(seen: seen, Count<usize>, BINDING),
        field!(seen_for: seen_for, Time, BINDING),
        field!(answers: answers, Size, BINDING),
        field!(answers_for: answers_for, Time, BINDING),
        field!(amplification: amplification, Count<u32>, BINDING),
        field!(rate_per_source: rate_per_source, Count<u32>, BINDING),
        field!(rate: rate, Count<u32>, BINDING),
    ];

    /// More copies than this help nobody.
    const MOST_REPEATS: i64 = 100;

    #[test]
    fn every_option_is_listed() {
        let mut listed: Vec<_> = UDP.iter().map(|field| field.key).collect();
        let mut fields = UdpOptions::FIELDS.to_vec();
        listed.sort_unstable();
        fields.sort_unstable();
        assert_eq!(listed, fields);
    }
}
